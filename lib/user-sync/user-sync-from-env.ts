import { CognitoError } from '../errors/cognito.error.js';
import { definedOnly, type Environment, readBoolean, readList, readObject, readText } from '../options/environment.js';
import type { UserMatchOptions } from './user-match.js';
import type { UserSyncOptions } from './user-sync.options.js';

type Mapping = Readonly<Record<string, string>>;

const ATTRIBUTE_MAPPING = 'COGNITO_ATTR_MAPPING';
const FIELD_MAPPING = 'COGNITO_USER_FIELD_MAPPING';

const NAMES_OF_CREATE_UNKNOWN_USERS = [
  'COGNITO_CREATE_UNKNOWN_USERS',
  'CREATE_UNKNOWN_USERS',
  'CREATE_UNKNOWN_USER',
  'create_unknown_user',
  'AUTO_CREATE_USER',
] as const;

/**
 * Reads the settings of user sync under every name that the older Cognito packages used for them.
 *
 * @returns everything but the entity; undefined when none of the names is set
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` when the two forms of the mapping contradict each other
 */
export function userSyncOptionsFromEnv(environment: Environment): Partial<UserSyncOptions> | undefined {
  const match = definedOnly({
    // Validation refuses what is no good claim, and says why.
    claim: readText(environment, 'COGNITO_TOKEN_REF_FIELD'),
    property: readText(environment, 'COGNITO_USER_MODEL_FIELD_REF_FIELD'),
  }) as UserMatchOptions;
  const settings = definedOnly({
    attributes: mappingFromEnv(environment),
    match: Object.keys(match).length === 0 ? undefined : match,
    createUnknownUsers: readBoolean(environment, ...NAMES_OF_CREATE_UNKNOWN_USERS),
    allowInactiveUsers: readBoolean(environment, 'SUPPORTS_INACTIVE_USER', 'supports_inactive_user'),
    inactiveStatuses: readList(environment, 'INACTIVE_USER_STATUS'),
  });
  return Object.keys(settings).length === 0 ? undefined : settings;
}

/**
 * Reads the attribute mapping from the two settings that the older packages had for it: one from attribute to property, one
 * the other way round.
 *
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` when the two contradict each other, or one is not readable
 */
function mappingFromEnv(environment: Environment): Mapping | undefined {
  const forward = readMapping(environment, ATTRIBUTE_MAPPING);
  const reverse = readMapping(environment, FIELD_MAPPING);
  if (reverse === undefined) return forward;
  const mapping = new Map(Object.entries(forward ?? {}));
  for (const [property, attribute] of Object.entries(reverse)) {
    const isTaken = [...mapping].some(([name, value]) => value === property && name !== attribute);
    if (isTaken || (mapping.get(attribute) ?? property) !== property) {
      throw contradiction(
        attribute,
        property,
        forward === undefined ? [FIELD_MAPPING] : [ATTRIBUTE_MAPPING, FIELD_MAPPING],
      );
    }
    mapping.set(attribute, property);
  }
  return Object.fromEntries(mapping);
}

function readMapping(environment: Environment, name: string): Mapping | undefined {
  const mapping: unknown = readObject<object>(environment, name);
  if (mapping === undefined || isMapping(mapping)) return mapping;
  throw new CognitoError('COGNITO_OPTIONS_INVALID', { detail: `${name}: has to be a JSON object of names to names.` });
}

function isMapping(value: unknown): value is Mapping {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((name) => typeof name === 'string');
}

function contradiction(attribute: string, property: string, settings: readonly string[]): CognitoError {
  return new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: `${settings.join(', ')}: contradictory about the attribute "${attribute}" and the property "${property}"; say it once.`,
  });
}
