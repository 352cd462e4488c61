import { AlterUserScramCredentials } from '@ottla/protocol'
import { handler } from '../server/handler.js'

/** Sets and removes SCRAM credentials (KIP-554); they are in force when the answer goes out. */
export const alterUserScramCredentialsHandler = handler(
  AlterUserScramCredentials,
  { min: 0, max: 0 },
  async ({ broker }, { deletions, upsertions }) => ({
    throttleTimeMs: 0,
    results: await broker.controller.alterScramCredentials(deletions, upsertions),
  }),
)
