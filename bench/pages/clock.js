// The start of first use: this module is imported first, so it is evaluated first. It also measures how long
// the engine compiles and instantiates WebAssembly, by wrapping the two constructors.
export const start = performance.now();
export const spent = { compileMs: 0, instantiateMs: 0 };

function measure(name, field) {
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

measure("Module", "compileMs");
measure("Instance", "instantiateMs");
