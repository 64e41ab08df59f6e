import type { Pool } from '../state/pool.js';
import type { Operations } from './operation.js';

/** TODO */
export function recoveryOperations(_pool: Pool): Operations {
  return {};
}
