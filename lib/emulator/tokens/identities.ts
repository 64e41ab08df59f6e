import type { Identity, User } from '../state/users.js';

/** An account at an identity provider, as the claim and the attribute `identities` have it. */
interface LinkedIdentity {
  readonly userId: string;
  readonly providerName: string;
  readonly providerType: string;
  readonly issuer: null;
  readonly primary: boolean;
  readonly dateCreated: number;
}

const SOCIAL_PROVIDERS: ReadonlySet<string> = new Set(['Facebook', 'Google', 'LoginWithAmazon', 'SignInWithApple']);

/** The claim `identities` of an id token, where flags and times are texts; nothing for a user who is linked to nobody. */
export function identitiesClaim(user: User): { identities?: object[] } {
  if (user.identities.length === 0) return {};
  return {
    identities: user.identities.map((identity) => {
      const { primary, dateCreated, ...rest } = described(identity);
      return { ...rest, primary: String(primary), dateCreated: String(dateCreated) };
    }),
  };
}

/** The attribute `identities`: the same as JSON in a text; nothing for a user who is linked to nobody. */
export function identitiesAttribute(user: User): { identities?: string } {
  if (user.identities.length === 0) return {};
  return { identities: JSON.stringify(user.identities.map(described)) };
}

// Accounts are linked to a user who was there before, so none of them is the primary one.
function described({ userId, providerName, linkedAt }: Identity): LinkedIdentity {
  const providerType = SOCIAL_PROVIDERS.has(providerName) ? providerName : 'OIDC';
  return { userId, providerName, providerType, issuer: null, primary: false, dateCreated: linkedAt };
}
