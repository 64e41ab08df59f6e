import { DataSource, EntitySchema } from 'typeorm';

// What an application compiles to: an entity, and the DataSource of its migrations.
export const Person = new EntitySchema({
  name: 'Person',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    sub: { type: 'varchar', unique: true },
    mail: { type: 'varchar', nullable: true, unique: true },
    active: { type: 'boolean', default: true },
  },
});

export const peopleIn = (location) =>
  new DataSource({ type: 'sqljs', location, autoSave: true, entities: [Person], synchronize: true });

export default peopleIn(process.env.PEOPLE_FILE);
