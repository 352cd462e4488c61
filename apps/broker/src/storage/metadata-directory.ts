/** Directory of the metadata log, the only one of a data directory that holds no partition of a user's topic or of ours. */
export const metadataDirectory = '__cluster_metadata-0'
