import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder, withLock } from './cache.js'
import { run } from './run.js'

/** An artifact of Maven; the version may be a range such as `[4.4.0,)`, which means the newest that Maven serves. */
export interface Artifact {
  groupId: string
  artifactId: string
  version: string
}

/** A folder of jars that belong together on one class path. */
export interface Jars {
  folder: string
  /** For `java -cp`. */
  classPath: string
  /** File names, sorted. */
  files: readonly string[]
}

/**
 * Fetches artifacts with all they depend on, once: a second call, also from another process, finds the folder
 * in the cache. Version ranges are resolved again on every call, which takes a few seconds.
 *
 * @throws Error with Maven's own message when it cannot fetch them.
 */
export async function fetchJars(name: string, artifacts: readonly Artifact[]): Promise<Jars> {
  const pom = pomFor(artifacts)
  if (artifacts.some((artifact) => /[[(]/.test(artifact.version))) {
    const fetchNewest = () => copyDependencies(pom, (files) => folderFor(name, files.join('\n')))
    return jarsIn(await withLock('maven', fetchNewest))
  }
  const folder = folderFor(name, pom)
  if (!existsSync(folder)) {
    await withLock('maven', async () => {
      // Another process may have fetched it while this one waited.
      if (!existsSync(folder)) await copyDependencies(pom, () => folder)
    })
  }
  return jarsIn(folder)
}

function folderFor(name: string, content: string): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return join(cacheFolder(), 'jars', `${name}-${digest}`)
}

async function jarsIn(folder: string): Promise<Jars> {
  return { folder, classPath: join(folder, '*'), files: await jarFiles(folder) }
}

async function jarFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => file.endsWith('.jar')).sort()
}

/**
 * Copies the jars into a scratch folder and moves it into place whole, so that nobody ever sees half of it. To be called
 * with the lock: Maven's own local repository is not made for two Mavens at once.
 */
async function copyDependencies(
  pom: string,
  folderOf: (files: readonly string[]) => string,
): Promise<string> {
  const scratch = join(cacheFolder(), `maven-${randomUUID()}`)
  const jars = join(scratch, 'jars')
  await mkdir(scratch, { recursive: true })
  try {
    await writeFile(join(scratch, 'pom.xml'), pom)
    const goal = ['dependency:copy-dependencies', '-DoutputDirectory=jars']
    await run('mvn', ['-B', '-q', '-U', ...goal], { cwd: scratch, timeoutMs: 540_000 })
    const folder = folderOf(await jarFiles(jars))
    if (!existsSync(folder)) {
      await mkdir(dirname(folder), { recursive: true })
      await rename(jars, folder)
    }
    return folder
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function pomFor(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(
    ({ groupId, artifactId, version }) =>
      `    <dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`,
  )
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">',
    '  <modelVersion>4.0.0</modelVersion>',
    '  <groupId>ottla</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>',
    '  <dependencies>',
    ...dependencies,
    '  </dependencies>',
    '</project>',
    '',
  ].join('\n')
}
