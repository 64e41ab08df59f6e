import type { Arrow, House } from './house.js';

const none = '–';

/** What docs/architecture.md says, reduced to what can be held against the code. */
export interface ToldHouse {
  /** Floor by floor, as `7: cli, index.ts`. */
  readonly drawing: readonly string[];
  /** Room by room, as `tokens: errors, options`. */
  readonly built: readonly string[];
  readonly planned: readonly string[];
}

/** The same for the plan, the rooms divided by whether they are built. */
export function toldBy(house: House, builtRooms: readonly string[]): ToldHouse {
  const rooms = Object.entries(house.rooms);
  const rows = rooms.map(([name, { imports }]) => ({ name, row: `${name}: ${list(imports.map(spell))}` }));
  const floors = [...new Set(rooms.map(([, { floor }]) => floor))].map((floor) => {
    const onIt = rooms.filter(([name, room]) => room.floor === floor && builtRooms.includes(name));
    return { floor, names: onIt.map(([name]) => name) };
  });
  return {
    drawing: floors.filter(({ names }) => names.length > 0).map(({ floor, names }) => `${floor}: ${list(names)}`),
    built: rows
      .filter(({ name }) => builtRooms.includes(name))
      .map(({ row }) => row)
      .toSorted(),
    planned: rows
      .filter(({ name }) => !builtRooms.includes(name))
      .map(({ row }) => row)
      .toSorted(),
  };
}

/** Reads the drawing (a text block of numbered floors) and the tables of rooms (name | purpose | may import | ...). */
export function toldInDocument(markdown: string): ToldHouse {
  const drawn = [...section(markdown, 'The floors').matchAll(/^ *(\d) {2,}(\S.*)$/gm)];
  return {
    drawing: drawn.map(([, floor, names]) => `${floor}: ${list((names ?? '').trim().split(/ {2,}/).map(bare))}`),
    built: rowsOf(section(markdown, 'The rooms')),
    planned: rowsOf(section(markdown, 'Planned')),
  };
}

function section(markdown: string, title: string): string {
  return markdown.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

function rowsOf(text: string): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  return rows
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name, , imports]) => `${bare(name ?? '')}: ${list((imports ?? '').split(', ').map(bare))}`)
    .toSorted();
}

function bare(name: string): string {
  return name.replaceAll('`', '').replace(/\/$/, '');
}

function spell(arrow: Arrow): string {
  if (typeof arrow === 'string') return arrow;
  return arrow.use === 'types' ? `${arrow.room} (types)` : `${arrow.room} (${arrow.use.join(' + ')})`;
}

function list(names: readonly string[]): string {
  return names.toSorted().join(', ') || none;
}
