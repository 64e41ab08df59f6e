/** A sign-in of a user that still has tokens. */
export interface UserSession {
  readonly sessionId: string;
  /** `TOKEN` for tokens of an app client, `SSO` for the managed login. */
  readonly type: string;
  readonly clientId: string | undefined;
  readonly createdAt: Date | undefined;
  readonly lastActiveAt: Date | undefined;
  /** Operating system and browser, or `unknown`. */
  readonly deviceType: string | undefined;
  readonly lastIpAddress: string | undefined;
}

/** A session as the answer of AdminListUserSessions has it. */
interface DescribedSession {
  readonly SessionId?: string | undefined;
  readonly SessionType?: string | undefined;
  readonly ClientId?: string | undefined;
  readonly CreateDate?: Date | undefined;
  readonly LastActiveDate?: Date | undefined;
  readonly DeviceType?: string | undefined;
  readonly LastIPAddress?: string | undefined;
}

/** Makes a plain session of an answer. */
export function userSessionOf(session: DescribedSession): UserSession {
  return {
    sessionId: session.SessionId ?? '',
    type: session.SessionType ?? 'TOKEN',
    clientId: session.ClientId,
    createdAt: session.CreateDate,
    lastActiveAt: session.LastActiveDate,
    deviceType: session.DeviceType,
    lastIpAddress: session.LastIPAddress,
  };
}
