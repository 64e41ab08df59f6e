/** A group of the pool. */
export interface CognitoGroup {
  readonly groupName: string;
  readonly description: string | undefined;
  /** 0 comes first in `cognito:groups`, and decides about `cognito:preferred_role`. */
  readonly precedence: number | undefined;
  /** The IAM role that identity pools give to members. */
  readonly roleArn: string | undefined;
  readonly createdAt: Date | undefined;
  readonly modifiedAt: Date | undefined;
}

/** A group as AWS's answers have it. */
interface DescribedGroup {
  readonly GroupName?: string | undefined;
  readonly Description?: string | undefined;
  readonly Precedence?: number | undefined;
  readonly RoleArn?: string | undefined;
  readonly CreationDate?: Date | undefined;
  readonly LastModifiedDate?: Date | undefined;
}

/** Makes a plain group of an answer. */
export function groupOf(group: DescribedGroup = {}): CognitoGroup {
  return {
    groupName: group.GroupName ?? '',
    description: group.Description,
    precedence: group.Precedence,
    roleArn: group.RoleArn,
    createdAt: group.CreationDate,
    modifiedAt: group.LastModifiedDate,
  };
}
