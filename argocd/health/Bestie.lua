-- Health of a Bestie (pets.bestie.com/v1). DeploymentReady and the conditions after it do not count: the Deployment stands
-- in the same wave with a health of its own, and that of an instance that was switched away from is scaled to nothing.
local function condition(kind)
  for _, each in ipairs((obj.status or {}).conditions or {}) do
    if each.type == kind then return each end
  end
  return {}
end

for _, kind in ipairs({ "DatabaseReady", "DatabaseSeeded" }) do
  if condition(kind).status ~= "True" then
    return { status = "Progressing", message = condition(kind).message or (kind .. " is not reported yet") }
  end
end
return { status = "Healthy", message = "database ready and seeded" }
