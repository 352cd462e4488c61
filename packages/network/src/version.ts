/** How this client introduces itself to brokers (KIP-511). The version is the package's; a test compares them. */
export const clientSoftware = { name: 'ottla', version: '0.1.0' } as const
