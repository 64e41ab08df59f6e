/**
 * Decorators without their syntax, which Node does not read.
 *
 * @template {Function} T
 * @param {T} target
 * @param {readonly ((target: any) => unknown)[]} ofClass
 * @param {Readonly<Record<string, readonly ((...place: any[]) => unknown)[]>>} ofMethods
 */
export function decorate(target, ofClass, ofMethods = {}) {
  for (const [method, decorators] of Object.entries(ofMethods)) {
    const descriptor = Object.getOwnPropertyDescriptor(target.prototype, method);
    for (const decorator of decorators) decorator(target.prototype, method, descriptor);
  }
  for (const decorator of ofClass) decorator(target);
  return target;
}
