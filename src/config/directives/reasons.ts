/** Reasons that several directives share; each completes "No effect:" or "not supported by redstart:". */

export const NO_ACL = 'there are no users beside the default one yet';
export const NO_AOF = 'there is no append-only file yet';
export const NO_CLUSTER = 'there is no cluster mode yet';
export const NO_REPLICATION = 'there is no replication yet';
export const NO_TLS = 'there is no TLS yet';
export const NOT_YET = 'the feature is not there yet';
export const FREES_IN_SLICES = 'freeing is always done in slices';
export const JAVASCRIPT = 'a matter of native servers';
export const CPU_LISTS = 'threads are placed by Node and the system';
export const COMPACTION = 'memory is always compacted in idle time';
