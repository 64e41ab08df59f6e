import { circlesOf } from './circles.js';
import type { Arrow, Door, House, Room } from './house.js';
import type { ImportKind } from './imports.js';
import { readSourceTree, roomOf, type ResolvedImport, type SourceFile, type SourceTree } from './source-tree.js';

export interface Violation {
  readonly rule: 'arrow' | 'package' | 'front-door' | 'circle' | 'room' | 'folder' | 'subpath' | 'unreadable';
  /** A path from the root, with the line where there is one. */
  readonly at: string;
  readonly reason: string;
}

const drawers = /^(utils?|helpers?|common|interfaces?)$/;
const spoken: Record<ImportKind, string> = { value: 'import', type: 'import type', late: 'import()' };

/** Holds the tree under `root` (its lib/ and its package.json) against the plan; an empty answer means that it stands. */
export function checkHouse(root: string, house: House): Violation[] {
  const tree = readSourceTree(root);
  return [
    ...unplannedRooms(tree, house),
    ...drawersAmong(tree),
    ...forbiddenArrows(tree, house),
    ...misplacedPackages(tree, house),
    ...sharedPackages(tree, house),
    ...optionalPeersAtTheFrontDoor(tree),
    ...circles(tree),
    ...misnamedSubpaths(tree, house),
    ...doorlessPeers(tree, house),
  ];
}

function unplannedRooms({ files, folders }: SourceTree, house: House): Violation[] {
  const rooms = folders.filter((path) => !path.includes('/') && !drawers.test(path) && !roomOf(`${path}/`, house));
  const strays = files.map(({ path }) => path).filter((path) => !path.includes('/') && !roomOf(path, house));
  const reason = 'the plan has no such room';
  return [...rooms, ...strays].map((path) => ({ rule: 'room', at: `lib/${path}`, reason }));
}

function drawersAmong({ folders }: SourceTree): Violation[] {
  const found = folders.filter((path) => drawers.test(path.slice(path.lastIndexOf('/') + 1)));
  const reason = 'a folder is named after what it is about, not after its being useful';
  return found.map((path) => ({ rule: 'folder', at: `lib/${path}`, reason }));
}

function forbiddenArrows(tree: SourceTree, house: House): Violation[] {
  return plannedImports(tree, house).flatMap(({ file, name, room, one }): Violation[] => {
    const { target, kind } = one;
    const at = placeOf(file, one);
    if (target.is === 'outside') {
      return [{ rule: 'arrow', at, reason: `${name} reaches out of lib/: ${one.specifier ?? ''}` }];
    }
    if (target.is === 'unknown' && !room.loadsForeignFiles) {
      return [{ rule: 'unreadable', at, reason: `${name} hides what it loads: write the name of the module` }];
    }
    if (target.is !== 'file' || allows(room, name, target.path, kind, house)) return [];
    return [{ rule: 'arrow', at, reason: `${name} may not ${spoken[kind]} ${target.path}` }];
  });
}

function allows(room: Room, name: string, path: string, kind: ImportKind, house: House): boolean {
  const other = roomOf(path, house);
  if (other === name) return true;
  return room.imports.some((arrow) => roomAt(arrow) === other && fits(arrow, path, kind));
}

function fits(arrow: Arrow, path: string, kind: ImportKind): boolean {
  if (typeof arrow === 'string') return true;
  return arrow.use === 'types' ? kind === 'type' : arrow.use.some((file) => `${arrow.room}/${file}` === path);
}

function roomAt(arrow: Arrow): string {
  return typeof arrow === 'string' ? arrow : arrow.room;
}

function misplacedPackages(tree: SourceTree, house: House): Violation[] {
  return plannedImports(tree, house).flatMap(({ file, name, room, one }): Violation[] => {
    if (one.target.is !== 'package') return [];
    const at = placeOf(file, one);
    const wanted = one.target.name;
    if (room.nodeOnly) return [{ rule: 'package', at, reason: `${name} stands on Node alone, not on ${wanted}` }];
    const door = doorOf(wanted, house);
    if (!door) return [];
    const rooms = [door.room].flat();
    if (!rooms.includes(name) && !rooms.includes('any one')) {
      return [{ rule: 'package', at, reason: `${wanted} belongs to ${rooms.join(' and ')}, not to ${name}` }];
    }
    if (!door.late || one.kind !== 'value' || door.earlyIn?.includes(file.path)) return [];
    return [{ rule: 'package', at, reason: `${wanted} is for import type and import() only` }];
  });
}

function sharedPackages(tree: SourceTree, house: House): Violation[] {
  const roomsByPackage = new Map<string, Set<string>>();
  for (const { name, one } of plannedImports(tree, house)) {
    if (one.target.is !== 'package' || doorOf(one.target.name, house)?.room !== 'any one') continue;
    roomsByPackage.set(one.target.name, (roomsByPackage.get(one.target.name) ?? new Set()).add(name));
  }
  const shared = [...roomsByPackage].filter(([, rooms]) => rooms.size > 1);
  return shared.map(([wanted, rooms]) => {
    return { rule: 'package', at: 'lib', reason: `${wanted} is touched by two rooms: ${[...rooms].join(', ')}` };
  });
}

/** What loads together with index.ts must do without every optional peer, or an application without it cannot start. */
function optionalPeersAtTheFrontDoor(tree: SourceTree): Violation[] {
  const peers = new Set(optionalPeers(tree));
  return loadedWith('index.ts', tree).flatMap((file) =>
    file.imports.flatMap((one): Violation[] => {
      if (one.kind !== 'value' || one.target.is !== 'package' || !peers.has(one.target.name)) return [];
      const reason = `index.ts loads this file, and with it the optional peer ${one.target.name}`;
      return [{ rule: 'front-door', at: placeOf(file, one), reason }];
    }),
  );
}

function loadedWith(entry: string, { files }: SourceTree): SourceFile[] {
  const loaded = new Set([entry]);
  for (const path of loaded) {
    const file = files.find((one) => one.path === path);
    for (const { kind, target } of file?.imports ?? []) {
      if (kind === 'value' && target.is === 'file') loaded.add(target.path);
    }
  }
  return files.filter(({ path }) => loaded.has(path));
}

function circles({ files }: SourceTree): Violation[] {
  const graph = files.map(({ path, imports }): [string, string[]] => [
    path,
    imports.flatMap(({ target }) => (target.is === 'file' ? [target.path] : [])),
  ]);
  return circlesOf(new Map(graph)).map(([first = '', ...others]) => {
    return { rule: 'circle', at: `lib/${first}`, reason: ['round and round:', first, ...others].join(' ') };
  });
}

/** Folder = subpath: package.json opens rooms and nothing else, each at its own index. */
function misnamedSubpaths({ manifest, files }: SourceTree, house: House): Violation[] {
  const subpaths = Object.entries(manifest.exports ?? {}).filter(([subpath]) => subpath !== './package.json');
  return subpaths.flatMap(([subpath, opened]): Violation[] => {
    const at = `package.json exports "${subpath}"`;
    if (!Object.values(house.rooms).some((room) => room.subpath === subpath)) {
      return [{ rule: 'subpath', at, reason: 'the plan opens no room under this name' }];
    }
    const index = `${subpath.slice(1)}/index`;
    const expected = { types: `./dist${index}.d.ts`, default: `./dist${index}.js` };
    if (JSON.stringify(opened) !== JSON.stringify(expected)) {
      return [{ rule: 'subpath', at, reason: `opens something else than ${JSON.stringify(expected)}` }];
    }
    if (files.some(({ path }) => `/${path}` === `${index}.ts`)) return [];
    return [{ rule: 'subpath', at, reason: `there is no lib${index}.ts` }];
  });
}

function doorlessPeers(tree: SourceTree, house: House): Violation[] {
  const doorless = optionalPeers(tree).filter((peer) => !doorOf(peer, house));
  const reason = 'an optional peer needs a room that keeps it: give it a door in the plan';
  return doorless.map((peer) => ({ rule: 'package', at: `package.json peer "${peer}"`, reason }));
}

function optionalPeers({ manifest }: SourceTree): string[] {
  return Object.entries(manifest.peerDependenciesMeta ?? {}).flatMap(([peer, { optional }]) =>
    optional ? [peer] : [],
  );
}

function doorOf(wanted: string, { doors }: House): Door | undefined {
  const matches = (pattern: string) =>
    pattern.endsWith('*') ? wanted.startsWith(pattern.slice(0, -1)) : wanted === pattern;
  return doors.find(({ packages }) => packages.some(matches));
}

interface PlannedImport {
  readonly file: SourceFile;
  readonly name: string;
  readonly room: Room;
  readonly one: ResolvedImport;
}

function plannedImports({ files }: SourceTree, house: House): PlannedImport[] {
  return files.flatMap((file) => {
    const name = roomOf(file.path, house);
    const room = name === undefined ? undefined : house.rooms[name];
    return name !== undefined && room ? file.imports.map((one) => ({ file, name, room, one })) : [];
  });
}

function placeOf({ path }: SourceFile, { line }: ResolvedImport): string {
  return `lib/${path}:${line}`;
}
