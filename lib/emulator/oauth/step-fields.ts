import { z } from 'zod';
import type { PageStep } from '../state/page-sign-ins.js';
import { html, type Html } from './html.js';

/** What somebody types to answer a step; named like the challenge response that it becomes. */
interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: 'code' | 'new-password' | 'text';
}

const names = z.array(z.string());
const LABEL_OF: Readonly<Record<string, string>> = {
  SMS_MFA: 'Code by SMS',
  SOFTWARE_TOKEN_MFA: 'Authenticator app',
  EMAIL_OTP: 'Code by e-mail',
};

/** The heading of a step's page. */
export function titleOf({ challengeName }: PageStep): string {
  if (challengeName === 'NEW_PASSWORD_REQUIRED') return 'Change your password';
  if (challengeName === 'SELECT_MFA_TYPE') return 'Choose how to go on';
  return challengeName === 'MFA_SETUP' ? 'Set up a second factor' : 'Enter the code';
}

/** What was typed, as challenge responses: no other field of a form counts. */
export function responsesOf(step: PageStep, typed: (name: string) => string | undefined): Map<string, string> {
  const given = fieldNames(step).map((name) => [name, typed(name)] as const);
  return new Map(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** The inputs of a step's form, and what has to be said beside them. */
export function inputsOf(step: PageStep): Html {
  const { parameters } = step;
  if (step.challengeName === 'SELECT_MFA_TYPE') return choices(listed(parameters['MFAS_CAN_CHOOSE']));
  const secret = parameters['SECRET_CODE'];
  const destination = parameters['CODE_DELIVERY_DESTINATION'];
  return html`${secret === undefined ? undefined : html`<p>Key for your authenticator app: <code>${secret}</code></p>`}
  ${destination === undefined ? undefined : html`<p>The code went to ${destination}.</p>`} ${fieldsOf(step).map(input)}`;
}

function fieldNames(step: PageStep): string[] {
  return step.challengeName === 'SELECT_MFA_TYPE' ? ['ANSWER'] : fieldsOf(step).map(({ name }) => name);
}

function fieldsOf({ challengeName, parameters }: PageStep): readonly Field[] {
  switch (challengeName) {
    case 'NEW_PASSWORD_REQUIRED':
      return [{ name: 'NEW_PASSWORD', label: 'New password', kind: 'new-password' }, ...missingAttributes(parameters)];
    case 'MFA_SETUP':
      return parameters['SECRET_CODE'] === undefined
        ? [{ name: 'EMAIL', label: 'E-mail address', kind: 'text' }]
        : [{ name: 'USER_CODE', label: 'Code of the app', kind: 'code' }];
    default:
      return [{ name: `${challengeName}_CODE`, label: 'Code', kind: 'code' }];
  }
}

function missingAttributes(parameters: PageStep['parameters']): Field[] {
  return listed(parameters['requiredAttributes']).map((name) => ({
    name,
    label: name.slice(name.indexOf('.') + 1),
    kind: 'text',
  }));
}

function listed(json = '[]'): string[] {
  return names.parse(JSON.parse(json));
}

function input({ name, label, kind }: Field): Html {
  const type = kind === 'new-password' ? 'password' : 'text';
  const autocomplete = { code: 'one-time-code', 'new-password': 'new-password', text: 'on' }[kind];
  return html`<label for="${name}">${label}</label>
    <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required />`;
}

function choices(types: readonly string[]): Html {
  const radios = types.map(
    (type) =>
      html`<label><input type="radio" name="ANSWER" value="${type}" required /> ${LABEL_OF[type] ?? type}</label>`,
  );
  return html`<fieldset>
    <legend>Second factor</legend>
    ${radios}
  </fieldset>`;
}
