/** What a sandboxed worker of BullMQ runs. */
module.exports = async (job) => {
  if (job.name === 'throws') throw new Error('from inside');
  await job.updateProgress(10);
  await job.log('from inside');
  return job.data.n * 2;
};
