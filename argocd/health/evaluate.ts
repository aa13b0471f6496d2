import { readFileSync } from 'node:fs';
import fengari, { type LuaState } from 'fengari';

const { lua, lauxlib, lualib, to_luastring } = fengari;

/** What Argo CD reads of a health check's result (argo-cd, util/lua/lua.go). */
export interface Health {
  readonly status: string;
  readonly message: string;
}

/** Pushes plain data as Argo CD does: objects and lists as tables, null as nil. */
function push(state: LuaState, value: unknown): void {
  if (typeof value === 'string') lua.lua_pushstring(state, to_luastring(value));
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value);
  else if (typeof value === 'number') {
    // Lua 5.3 writes a float 1 as "1.0", Argo CD's Lua 5.1 as "1".
    if (Number.isInteger(value)) lua.lua_pushinteger(state, value);
    else lua.lua_pushnumber(state, value);
  } else if (typeof value === 'object' && value !== null) pushTable(state, value);
  else lua.lua_pushnil(state);
}

function pushTable(state: LuaState, value: object): void {
  lua.lua_newtable(state);
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(value)
    ? value.map((each: unknown, index) => [index + 1, each] as const)
    : Object.entries(value);
  for (const [key, each] of entries) {
    push(state, key);
    push(state, each);
    lua.lua_settable(state, -3);
  }
}

function field(state: LuaState, name: string): string {
  lua.lua_getfield(state, -1, to_luastring(name));
  const value = lua.lua_tojsstring(state, -1);
  lua.lua_pop(state, 1);
  return value ?? '';
}

/**
 * Runs a health check with no more of Lua's library than Argo CD opens: base and table.
 * @throws Error with Lua's message
 */
export function evaluate(check: 'PostgresCluster' | 'Lifecycle' | 'Bestie' | 'Ingress', object: unknown): Health {
  const state = lauxlib.luaL_newstate();
  lauxlib.luaL_requiref(state, to_luastring('_G'), lualib.luaopen_base, true);
  lauxlib.luaL_requiref(state, to_luastring('table'), lualib.luaopen_table, true);
  push(state, object);
  lua.lua_setglobal(state, to_luastring('obj'));
  const source = readFileSync(new URL(`${check}.lua`, import.meta.url), 'utf8');
  const failed =
    lauxlib.luaL_loadstring(state, to_luastring(source)) !== lua.LUA_OK || lua.lua_pcall(state, 0, 1, 0) !== lua.LUA_OK;
  if (failed) throw new Error(lua.lua_tojsstring(state, -1) ?? 'unknown Lua error');
  return { status: field(state, 'status'), message: field(state, 'message') };
}
