import { randomInt } from 'node:crypto';
import type { PasswordPolicy } from '../state/password-policy.js';

const KINDS = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#$%&*+-=?@'];
const USUAL_LENGTH = 12;

/** A random password of all four kinds of characters, which keeps every policy. */
export function createTemporaryPassword({ minimumLength }: PasswordPolicy): string {
  const length = Math.max(minimumLength, USUAL_LENGTH);
  const rest = Array.from({ length: length - KINDS.length }, () => oneOf(KINDS.join('')));
  return shuffled([...KINDS.map(oneOf), ...rest]).join('');
}

function oneOf(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

function shuffled(characters: readonly string[]): string[] {
  const left = [...characters];
  return characters.flatMap(() => left.splice(randomInt(left.length), 1));
}
