import type { TypedColumn } from './column-value.js';

/** The part of TypeORM's metadata of an entity that user sync rests on. */
export interface EntityShape {
  readonly name: string;
  readonly columns: readonly ColumnShape[];
  readonly primaryColumns: readonly ColumnShape[];
  readonly uniques: ReadonlyArray<{ readonly columns: readonly ColumnShape[] }>;
  readonly indices: ReadonlyArray<{
    readonly columns: readonly ColumnShape[];
    readonly isUnique: boolean;
    readonly where?: string | undefined;
  }>;
  readonly deleteDateColumn?: ColumnShape | undefined;
  readonly updateDateColumn?: ColumnShape | undefined;
  readonly relations: readonly RelationShape[];
}

/** A column as TypeORM tells of it. */
export interface ColumnShape extends TypedColumn {
  readonly databaseName: string;
  /** With dots where it is inside an embedded entity. */
  readonly propertyPath: string;
  /** False where a plain find leaves the column out. */
  readonly isSelect: boolean;
  readonly isNullable: boolean;
  readonly relationMetadata?: unknown;
}

/** A relation as TypeORM tells of it. */
export interface RelationShape {
  readonly propertyPath: string;
  readonly isManyToMany: boolean;
  readonly inverseEntityMetadata: EntityShape & { readonly target: unknown };
}

/** The columns that can be named in the options, by property. */
export type Properties = ReadonlyMap<string, ColumnShape>;
