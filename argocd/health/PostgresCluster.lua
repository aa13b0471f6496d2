-- Health of a PostgresCluster (Crunchy operator, v1beta1; read from v6.0.3), for Argo CD's gate between sync waves.
-- Degraded fails a sync at once, so it is kept for what cannot become healthy without a new request: a finished, failed
-- restore or an aborted upgrade. Anything else that is not there yet is Progressing, with the reason in the message.
-- Backups do not count: on demand they are steps with a deadline of their own, and one that fails breaks nothing that serves.
-- Argo CD opens only Lua's base and table libraries: no `string`.

local name = obj.metadata.name
local labels = obj.metadata.labels or {}
local annotations = obj.metadata.annotations or {}
local spec = obj.spec or {}
local status = obj.status or {}
local backups = (spec.backups or {}).pgbackrest
local request = (backups or {}).restore or {}
local restore = (status.pgbackrest or {}).restore

local function verdict(health, message)
  return { status = health, message = message }
end

local function condition(kind)
  for _, each in ipairs(status.conditions or {}) do
    if each.type == kind then return each end
  end
  return {}
end

local function is(kind, value)
  return condition(kind).status == value
end

local function given(text)
  return text ~= nil and text ~= ""
end

local role = labels["lifecycle.bestie.com/role"]
local cloned = role == "green" or role == "rehearsal" or role == "restored"

-- The id that status must report before anything else counts. Annotations do not raise `generation`: without the
-- comparison of ids a new request would read as done by the old one's status.
local wanted = nil
if request.enabled and given(annotations["postgres-operator.crunchydata.com/pgbackrest-restore"]) then
  wanted = annotations["postgres-operator.crunchydata.com/pgbackrest-restore"]
elseif cloned or spec.dataSource ~= nil then
  wanted = "~pgo-bootstrap-" .. name
end

local function observed(kind)
  local generation = obj.metadata.generation or 0
  return (status.observedGeneration or 0) >= generation or (condition(kind).observedGeneration or 0) >= generation
end

-- Why the restore (in place or as a clone) is not done; nil when it is, or when none was ever asked for.
local function restoring()
  if wanted ~= nil and (restore == nil or restore.id ~= wanted) then
    return "restore " .. wanted .. " has not started"
  end
  if restore == nil then return nil end
  if not restore.finished then
    local failed = restore.failed or 0
    if failed > 0 then
      return "restore " .. restore.id .. " failed " .. failed .. " times and is tried again: see its Job's log"
    end
    if (restore.active or 0) > 0 then return "restore " .. restore.id .. " is running" end
    return "restore " .. restore.id .. " waits for its Job; the cluster's events say what is missing"
  end
  if is("PGBackRestoreProgressing", "True") then return "restore " .. restore.id .. " is being finished" end
  if wanted == nil then return nil end
  if (restore.succeeded or 0) < 1 or not is("PostgresDataInitialized", "True") then
    return "restore " .. restore.id .. " has not left initialised data"
  end
  return nil
end

-- In the window only a clone's primary counts: the operator makes the second instance when the first is ready, by a whole
-- base backup, and clients would wait for it. What serves later has all of them waited for by confirm.
local function enough(ready, updated, present, replicas)
  if cloned then return ready >= 1 and updated >= 1 end
  return ready == replicas and updated == replicas and present == replicas
end

local function instances()
  local seen = {}
  for _, each in ipairs(status.instances or {}) do seen[each.name] = each end
  for index, each in ipairs(spec.instances or {}) do
    -- The operator names sets that have no name by their position, in two digits.
    local set = given(each.name) and each.name or (index <= 10 and "0" or "") .. (index - 1)
    local is_now = seen[set] or {}
    local replicas = each.replicas or 1
    local ready = is_now.readyReplicas or 0
    if not enough(ready, is_now.updatedReplicas or 0, is_now.replicas or 0, replicas) then
      return "instance set " .. set .. " has " .. ready .. " of " .. replicas .. " instances ready"
    end
  end
  if not given((status.patroni or {}).systemIdentifier) then return "the database has not started" end
  return nil
end

local function volumes()
  for _, each in ipairs((backups or {}).repos or {}) do
    if each.volume ~= nil then return true end
  end
  return false
end

local function repository()
  if backups == nil or (spec.standby or {}).enabled then return nil end
  local kinds = { "PGBackRestReplicaRepoReady", "PGBackRestReplicaCreate" }
  if volumes() then table.insert(kinds, 1, "PGBackRestRepoHostReady") end
  for _, kind in ipairs(kinds) do
    if not is(kind, "True") then return condition(kind).message or (kind .. " is not reported yet") end
  end
  return nil
end

local aborted = annotations["lifecycle.bestie.com/aborted"]
if given(aborted) then return verdict("Degraded", "aborted: " .. aborted) end
if spec.paused then return verdict("Suspended", "paused: the operator does nothing") end
if spec.shutdown then return verdict("Suspended", "shut down") end
if obj.status == nil then return verdict("Progressing", "the operator has not seen it yet") end

local failed = condition("PostgresDataInitialized")
local mine = wanted == nil or (restore ~= nil and restore.id == wanted)
if failed.status == "False" and mine and observed("PostgresDataInitialized") then
  return verdict("Degraded", (failed.message or "the restore failed") .. "; it takes a new restore id to try again")
end

local waiting = restoring()
-- A step stands beside it in its wave, and ends when the clone does, one way or the other: the operator tries a failing one for ever.
if waiting ~= nil and role == "restored" then
  return verdict("Healthy", "being cloned: " .. waiting)
end
if waiting == nil and (status.observedGeneration or 0) < (obj.metadata.generation or 0) then
  waiting = "the operator has not acted on generation " .. (obj.metadata.generation or 0) .. " yet"
end
if waiting == nil and condition("Progressing").status ~= nil then
  waiting = condition("Progressing").message or "the operator is not done"
end
waiting = waiting or instances()
if waiting ~= nil then return verdict("Progressing", waiting) end

local archive = repository()
if archive == nil then return verdict("Healthy", wanted ~= nil and "restored: " .. wanted or "ready") end
-- Clients wait while a clone is made: they need not wait for its first backup. Its own backup is taken after the switch.
if cloned then return verdict("Healthy", "restored: " .. wanted .. "; " .. archive) end
return verdict("Progressing", archive)
