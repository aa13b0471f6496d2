/** The part of fengari (a Lua VM in JavaScript, https://fengari.io) that the health checks' test calls; it ships no types. */
declare module 'fengari' {
  /** An opaque Lua state. */
  interface LuaState {
    readonly opaque: unique symbol;
  }
  type LuaFunction = (state: LuaState) => number;
  type LuaString = Uint8Array;

  export function to_luastring(text: string): LuaString;

  export const lua: {
    readonly LUA_OK: number;
    lua_pcall(state: LuaState, parameters: number, results: number, handler: number): number;
    lua_pushboolean(state: LuaState, value: boolean): void;
    lua_pushinteger(state: LuaState, value: number): void;
    lua_pushnil(state: LuaState): void;
    lua_pushnumber(state: LuaState, value: number): void;
    lua_pushstring(state: LuaState, value: LuaString): void;
    lua_newtable(state: LuaState): void;
    lua_settable(state: LuaState, index: number): void;
    lua_setglobal(state: LuaState, name: LuaString): void;
    lua_getfield(state: LuaState, index: number, name: LuaString): number;
    lua_pop(state: LuaState, count: number): void;
    lua_tojsstring(state: LuaState, index: number): string | null;
  };

  export const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_requiref(state: LuaState, name: LuaString, open: LuaFunction, global: boolean): void;
    luaL_loadstring(state: LuaState, source: LuaString): number;
  };

  export const lualib: { readonly luaopen_base: LuaFunction; readonly luaopen_table: LuaFunction };
}
