import type { ConnectionMessage } from '../request/connection-request.js';
import type { CredentialSource } from '../request/token-extractor.js';
import { credentialOf } from './principal.js';
import { type Admission, findNotes, notesOf } from './request-notes.js';

/** Notes whom a request was let in as. */
export function admit(request: object, admission: Admission): void {
  notesOf(request).admission = admission;
}

/** Forgets whom a message was let in as: from now on it is nobody's. */
export function dismiss(message: ConnectionMessage): void {
  message.user = undefined;
  notesOf(message).admission = undefined;
}

/** Whom a request was let in as, if a guard or strategy of this package has let it in. */
export function admissionOf(request: object): Admission | undefined {
  return findNotes(request)?.admission;
}

/**
 * Where the credential came from that a request was let in by. A browser sends a `cookie` by itself, so what changes something
 * and came by one needs a proof that the application's own page sent it.
 *
 * @returns undefined for a request that nobody was let in by
 */
export function credentialSourceOf(request: object): CredentialSource | undefined {
  const admission = admissionOf(request);
  return admission === undefined ? undefined : credentialOf(admission.principal)?.from;
}
