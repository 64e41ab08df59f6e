import type { Members } from '../wire/members.js';
import type { Authority } from './auth-flows.js';

/** Checks what a request says about where it comes from; a pool without threat protection makes no use of it. */
export function checkContext(members: Members, authority: Authority): void {
  if (members.has('AnalyticsMetadata')) members.structure('AnalyticsMetadata').optionalText('AnalyticsEndpointId');
  if (authority === 'client') checkUserContext(members);
  else checkServerContext(members);
}

function checkUserContext(members: Members): void {
  if (!members.has('UserContextData')) return;
  const context = members.structure('UserContextData');
  context.optionalText('IpAddress');
  context.optionalText('EncodedData');
}

function checkServerContext(members: Members): void {
  if (!members.has('ContextData')) return;
  const context = members.structure('ContextData');
  for (const name of ['IpAddress', 'ServerName', 'ServerPath']) context.text(name);
  for (const header of context.structures('HttpHeaders')) {
    header.optionalText('headerName');
    header.optionalText('headerValue');
  }
  context.optionalText('EncodedData');
}
