/** Why a load may take more than its bar: what profiles of the server under it have shown. */
export const REASONS = {};
