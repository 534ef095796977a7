// The program of every project.

/**
 * @param {any} causerie the package
 * @param {{ [option: string]: string }} options
 */
export async function run(causerie, { host, appId, userId, transport }) {
  const { getTalkSession, UserSnapshot, CauserieError, isCauserieError } = causerie;
  const session = getTalkSession({ appId, userId, host, transport });
  await session.currentUser.set({ name: "Ada", custom: { made: "here" } });
  const snapshot = await session.currentUser.get();
  const error = await session.currentUser.set({ name: 5 }).catch((error) => error);
  return {
    same: getTalkSession({ appId, userId, host, transport }) === session,
    name: snapshot.name,
    custom: snapshot.custom.made,
    classes: [snapshot instanceof UserSnapshot, error instanceof CauserieError, isCauserieError(error)],
    code: error.code,
    field: error.field,
  };
}
