import type { AttributeMapper } from './attribute-mapping.js';
import { type AttributeValue, type CognitoAttribute, fromCognitoAttributes } from './attributes.js';

/** What Cognito keeps about a user, as an administrator sees it. */
export interface AdminUser {
  readonly sub: string;
  /** Cognito's own, unchangeable user name. */
  readonly username: string;
  /** `CONFIRMED`, `UNCONFIRMED`, `FORCE_CHANGE_PASSWORD`, `RESET_REQUIRED`, `EXTERNAL_PROVIDER`, … */
  readonly status: string;
  /** False for a user who was disabled. */
  readonly enabled: boolean;
  /** Every attribute, as text and under Cognito's own name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The same under the names and with the types of the option `attributeMapping`. */
  readonly values: Readonly<Record<string, AttributeValue>>;
  readonly createdAt: Date | undefined;
  readonly modifiedAt: Date | undefined;
}

/** A user as the answers of several operations have it. */
interface DescribedUser {
  readonly Username?: string | undefined;
  readonly UserStatus?: string | undefined;
  readonly Enabled?: boolean | undefined;
  readonly UserCreateDate?: Date | undefined;
  readonly UserLastModifiedDate?: Date | undefined;
}

/** Makes a plain user of an answer; AdminGetUser calls the attributes otherwise than lists do. */
export function adminUserOf(
  pool: { readonly attributes: AttributeMapper },
  user: DescribedUser,
  list: readonly CognitoAttribute[] | undefined,
): AdminUser {
  const attributes = fromCognitoAttributes(list);
  return {
    sub: attributes['sub'] ?? '',
    username: user.Username ?? '',
    status: user.UserStatus ?? 'UNKNOWN',
    enabled: user.Enabled ?? false,
    attributes,
    values: pool.attributes.fromCognito(list),
    createdAt: user.UserCreateDate,
    modifiedAt: user.UserLastModifiedDate,
  };
}
