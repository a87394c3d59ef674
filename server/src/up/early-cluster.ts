/**
 * What of a first start can be done while the program itself is still being read?
 * An empty database is made by a program of its own, and reading ours takes about as long. It starts nothing, says nothing and claims nothing: the start that follows finds what was made, and where this could not make it, makes
 * it anew and says why it cannot.
 */
import path from 'node:path'
import { findBinaries } from '../embedded/binaries.ts'
import { clusterExists, makeCluster } from '../embedded/cluster.ts'
import { placeFor } from '../embedded/place.ts'
import { lesserUser } from '../embedded/user.ts'
import { readSettings } from '../settings.ts'
import { dataFolderFor, ensurePrivateFolder } from './data-folder.ts'

/** Begins to make the cluster of a data folder where a start with these settings needs one and there is none. Resolves when nothing is being made any more; never rejects. `data`: the folder that was asked for. */
export const makeClusterEarly = async (data: string | undefined, env: NodeJS.ProcessEnv): Promise<void> => {
  try {
    const dataFolder = dataFolderFor(data, env.VIEWPORT_DATA_DIR || null)
    if (readSettings({ ...env, VIEWPORT_DATA_DIR: dataFolder }).databaseUrl !== null) return
    ensurePrivateFolder(dataFolder)
    const user = lesserUser()
    const place = placeFor(path.resolve(dataFolder), user)
    if (!clusterExists(place)) await makeCluster(place, findBinaries(user, place.folder), user)
  } catch {
    // The start does all of this again, in its order and with words.
  }
}
