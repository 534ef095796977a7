// Imported first, so evaluated first: the moment from which first use is counted. It also listens to how long
// the engine compiles and instantiates WebAssembly, by standing in for the two constructors.
export const start = performance.now();
export const spent = { compileMs: 0, instantiateMs: 0 };

function listen(name, field) {
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct(target, args) {
      const since = performance.now();
      try {
        return Reflect.construct(target, args);
      } finally {
        spent[field] += performance.now() - since;
      }
    },
  });
}

listen("Module", "compileMs");
listen("Instance", "instantiateMs");
