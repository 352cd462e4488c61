export {
  decodeOauthBearer,
  decodeOauthBearerFailure,
  encodeOauthBearer,
  encodeOauthBearerFailure,
  type OauthBearerCredentials,
  type OauthBearerFailure,
  oauthBearerAbort,
} from './oauthbearer.js'
export { decodePlain, encodePlain, type PlainCredentials } from './plain.js'
export {
  type ScramCredential,
  type ScramCrypto,
  type ScramMechanism,
  type ScramServerFirst,
  scramCredential,
  scramIterationsMin,
  scramMechanisms,
} from './scram.js'
export {
  checkScramServerFinal,
  parseScramServerFirst,
  type ScramClientFinalInput,
  type ScramClientFirst,
  type ScramClientFirstInput,
  scramClientFinal,
  scramClientFirst,
} from './scram-client.js'
export {
  checkScramProof,
  encodeScramFailure,
  encodeScramServerFirst,
  parseScramClientFirst,
  type ScramClientHello,
  type ScramProofInput,
  type ScramServerFirstInput,
} from './scram-server.js'
