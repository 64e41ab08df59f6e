import { CognitoError } from '../errors/cognito.error.js';
import { definedOnly, type Environment, readBoolean, readList, readObject, readText } from '../options/environment.js';
import type { UserMatchOptions, UserSyncOptions } from './user-sync.options.js';

type Mapping = Readonly<Record<string, string>>;

const ATTRIBUTE_MAPPING = 'COGNITO_ATTR_MAPPING';
const FIELD_MAPPING = 'COGNITO_USER_FIELD_MAPPING';

/**
 * Reads the settings of user sync under every name that the older Cognito packages used for them.
 *
 * @returns everything but the entity; undefined when none of the names is set
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` when the two mappings contradict each other or are not readable
 */
export function userSyncOptionsFromEnv(environment: Environment): Partial<UserSyncOptions> | undefined {
  const settings = definedOnly({
    attributes: attributesFromEnv(environment),
    match: matchFromEnv(environment),
    createUnknownUsers: readBoolean(
      environment,
      'COGNITO_CREATE_UNKNOWN_USERS',
      'CREATE_UNKNOWN_USERS',
      'CREATE_UNKNOWN_USER',
      'create_unknown_user',
      'AUTO_CREATE_USER',
    ),
    allowInactiveUsers: readBoolean(environment, 'SUPPORTS_INACTIVE_USER', 'supports_inactive_user'),
    inactiveStatuses: readList(environment, 'INACTIVE_USER_STATUS'),
  });
  return Object.keys(settings).length === 0 ? undefined : settings;
}

function matchFromEnv(environment: Environment): UserMatchOptions | undefined {
  const match = definedOnly({
    // Not checked here: validation refuses what is no good claim, and says why.
    claim: readText(environment, 'COGNITO_TOKEN_REF_FIELD') as UserMatchOptions['claim'],
    property: readText(environment, 'COGNITO_USER_MODEL_FIELD_REF_FIELD'),
  });
  return Object.keys(match).length === 0 ? undefined : match;
}

/** One mapping of the two: the second is written the other way round, property to attribute. */
function attributesFromEnv(environment: Environment): Mapping | undefined {
  const forward = readMapping(environment, ATTRIBUTE_MAPPING);
  const reverse = readMapping(environment, FIELD_MAPPING);
  if (reverse === undefined) return forward;
  const pairs = [...Object.entries(forward ?? {}), ...Object.entries(reverse).map(([key, value]) => [value, key])];
  const mapping: Record<string, string> = {};
  for (const [attribute = '', property = ''] of pairs) {
    const known = mapping[attribute] ?? property;
    const taken = Object.entries(mapping).some(([other, name]) => name === property && other !== attribute);
    if (known !== property || taken) throw conflict(attribute, property, forward !== undefined);
    mapping[attribute] = property;
  }
  return mapping;
}

function readMapping(environment: Environment, name: string): Mapping | undefined {
  const mapping = readObject<object>(environment, name);
  if (mapping === undefined) return undefined;
  const isMapping = typeof mapping === 'object' && !Array.isArray(mapping);
  if (isMapping && Object.values(mapping).every((value) => typeof value === 'string')) return mapping as Mapping;
  throw new CognitoError('COGNITO_OPTIONS_INVALID', { detail: `${name}: has to be a JSON object of names to names.` });
}

function conflict(attribute: string, property: string, both: boolean): CognitoError {
  const where = both ? `${ATTRIBUTE_MAPPING} and ${FIELD_MAPPING}` : FIELD_MAPPING;
  return new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: `${where}: contradictory about the attribute "${attribute}" and the property "${property}"; keep one of them.`,
  });
}
