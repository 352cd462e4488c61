import type { Network } from './transport.js'
export declare const tcpNetwork: Network
