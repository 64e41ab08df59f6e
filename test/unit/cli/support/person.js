export { Person } from './people.js';
