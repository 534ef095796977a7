// Assertions about types.

/** Whether two types are identical, not only assignable to each other. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export type IsAny<T> = 0 extends 1 & T ? true : false;
/** Compiles only for `true`. */
export type Holds<T extends true> = T;
export type Not<T extends boolean> = T extends true ? false : true;
/** A type with all its members in one object type, so that it can be compared with another. */
type Flat<T> = { [K in keyof T]: T[K] };
/** Whether a type has exactly these members. */
export type Expected<Got, Wanted> = Same<Flat<Got>, Flat<Wanted>>;

/** The assertions fail for types that differ. */
export type Helpers = [
  Holds<Not<Same<string | undefined, string | null>>>,
  Holds<Not<Expected<{ a: string }, { readonly a: string }>>>,
  Holds<Not<Expected<{ a?: string }, { a: string | undefined }>>>,
  Holds<Not<Expected<{ f(a: string[]): void }, { f(a: readonly string[]): void }>>>,
  Holds<Not<Expected<{ f(): void; g(): void }, { f(): void }>>>,
  Holds<Not<Same<any, string>>>,
  Holds<IsAny<any>>,
];
