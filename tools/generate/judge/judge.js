// Reads a world a line and writes what iam-simulate says of it: see tools/generate/judged_access.py.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const ACCOUNT = '111122223333'
const PRINCIPALS = {
  user: `arn:aws:iam::${ACCOUNT}:user/app`,
  role: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session`
}
const named = (statements, name) => ({ name, policy: { Version: '2012-10-17', Statement: statements } })
const EVERYTHING = [{ Effect: 'Allow', Action: '*', Resource: '*' }]

async function ask(world, action, resource, context) {
  const protected_ = world.resource && resource.startsWith('arn:aws:s3:::b/')
  const answer = await runSimulation(
    {
      request: {
        principal: PRINCIPALS[world.caller],
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: context
      },
      identityPolicies: world.policies.map((statements, at) => named(statements, `p${at}`)),
      permissionBoundaryPolicies: world.boundary ? [named(world.boundary, 'b')] : undefined,
      serviceControlPolicies: [{ orgIdentifier: 'r-1', policies: [named(world.control ?? EVERYTHING, 'c')] }],
      resourceControlPolicies: [],
      resourcePolicy: protected_ ? named(world.resource, 'r').policy : undefined
    },
    { simulationMode: 'Strict' }
  )
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors))
  return answer.overallResult === 'Allowed'
}

for await (const line of createInterface({ input: process.stdin })) {
  const { world, requests, conditions } = JSON.parse(line)
  const allowed = []
  const holds = []
  for (const context of world.contexts) {
    let row = ''
    for (const [action, resource] of requests) row += (await ask(world, action, resource, context)) ? '1' : '0'
    allowed.push(row)
    row = ''
    for (const [operator, key, values] of conditions) {
      const statement = { ...EVERYTHING[0], Condition: { [operator]: { [key]: values } } }
      const alone = { caller: world.caller, policies: [[statement]] }
      row += (await ask(alone, ...requests[0], context)) ? '1' : '0'
    }
    holds.push(row)
  }
  console.log(JSON.stringify({ allowed, holds }))
}
