import type { ChildProcess } from 'node:child_process'

const children = new Set<ChildProcess>()

/** Kills a child process when this one ends before it: nothing is left running. */
export function killAtExit(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', killAll)
  children.add(child)
  const forget = (): void => {
    children.delete(child)
    if (children.size === 0) process.off('exit', killAll)
  }
  child.once('exit', forget)
  child.once('error', forget)
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
}
