-- A Lifecycle stands in wave 0: anything but Healthy would keep every later wave from starting. Its message is the progress.
local status = obj.status or {}
local message = status.message or ""
if status.phase ~= nil and status.phase ~= "" then
  message = message == "" and status.phase or (status.phase .. ": " .. message)
end
local awaiting = (obj.metadata.annotations or {})["lifecycle.bestie.com/awaiting-approval"]
if awaiting ~= nil then
  message = "AwaitingApproval of " .. awaiting .. (message == "" and "" or ("; " .. message))
end
return { status = "Healthy", message = message }
