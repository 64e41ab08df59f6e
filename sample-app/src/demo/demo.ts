import { Accounts } from './accounts.js';
import { FirstVisit } from './first-visit.js';
import { type Sabotage, Stage } from './stage.js';
import type { Step } from './steps.js';

/** The whole story: each step leaves what the next one needs. */
export class Demo {
  readonly steps: readonly Step[];
  readonly last: Step;

  constructor(sabotage: Sabotage) {
    const stage = new Stage(sabotage);
    this.steps = [
      { name: 'start the user pool, the database and the application', run: () => stage.start() },
      ...new FirstVisit(stage).steps,
      ...new Accounts(stage).steps,
    ];
    this.last = { name: 'stop', run: () => stage.stop() };
  }
}
