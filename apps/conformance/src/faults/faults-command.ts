import { Command } from 'commander'
import { stopSignal } from '../stop-signal.js'
import { addTargetOptions, type TargetFlags, targetOf, wholeNumber } from '../target-options.js'
import type { RuleFaults } from './inject-into.js'
import { type FaultReport, runFaults, showsThatRulesBite } from './run-faults.js'

interface Flags extends TargetFlags {
  only?: string[]
  perRule?: number
  sample?: number
  seed?: number
}

/** `ottla-conformance faults`: shows for every rule that it fails when the broker does. */
export function faultsCommand(): Command {
  return addTargetOptions(new Command('faults'))
    .description('breaks what each rule reads, through a proxy, and tells which faults it misses')
    .option('--only <rule...>', 'ids of rules, beginnings of ids, or patterns with *')
    .option('--per-rule <number>', 'generated faults for each rule; default: all', wholeNumber)
    .option('--sample <number>', 'rules that are tried; default: all', wholeNumber)
    .option('--seed <number>', 'chooses them; default: another each time', wholeNumber)
    .action(async (flags: Flags) => {
      const signal = stopSignal()
      const report = await runFaults(targetOf(flags), {
        only: flags.only,
        perRule: flags.perRule,
        sample: flags.sample,
        seed: flags.seed,
        signal,
        onRule: ({ rule, injected, caught }, count, total) => {
          process.stderr.write(`${count}/${total} ${rule.id}: ${caught} of ${injected}\n`)
        },
      })
      process.stdout.write(describeFaults(report))
      process.exitCode = showsThatRulesBite(report) && !signal.aborted ? 0 : 1
    })
}

/** Survivors and unusable rules by name, then the sums. */
export function describeFaults(report: FaultReport): string {
  const { rules, handWritten, injected, caught, inVain, notPlaced, durationMs } = report
  const byHand = handWritten.map(
    ({ name, tried, caught, inVain }) =>
      `by hand: ${name}: caught by ${caught} of ${tried} rules, ${inVain} in vain`,
  )
  const lines = [...rules.flatMap(describeRule), ...byHand]
  const seconds = Math.round(durationMs / 1000)
  const sum = `${injected} faults injected, ${caught} caught, ${injected - caught} survived`
  const apart = `${inVain} caught by waiting in vain, ${notPlaced} not placed`
  return `${[...lines, '', `${rules.length} rules in ${seconds} s`, apart, sum].join('\n')}\n`
}

function describeRule({ rule, version, survivors, unusable }: RuleFaults): string[] {
  if (unusable !== undefined) return [`${rule.id} v${version} could not be tried: ${unusable}`]
  return survivors.map((name) => `${rule.id} v${version} did not notice: ${name}`)
}
