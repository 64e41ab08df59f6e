/** A group of users. */
export interface Group {
  readonly name: string;
  description?: string | undefined;
  /** 0 comes first; without one a group comes last. */
  precedence?: number | undefined;
  roleArn?: string | undefined;
  /** Milliseconds since the epoch; so is the other time. */
  readonly createdAt: number;
  modifiedAt: number;
}

/** The groups of the pool; who is in them is written on the users. */
export class Groups {
  private readonly byName = new Map<string, Group>();

  add(group: Group): void {
    this.byName.set(group.name, group);
  }

  find(name: string): Group | undefined {
    return this.byName.get(name);
  }

  remove(name: string): void {
    this.byName.delete(name);
  }

  /** In the order of their names. */
  all(): Group[] {
    return [...this.byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }
}
