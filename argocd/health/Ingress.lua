-- Argo CD's own verdict, but for the Ingress that only keeps the Bestie operator from making one: no controller serves its
-- class, so it never gets an address, and its wave would wait for ever.
local labels = (obj.metadata or {}).labels or {}
if labels["lifecycle.bestie.com/service"] == "none" then
  return { status = "Healthy", message = "leads nowhere, on purpose" }
end
local balancer = (obj.status or {}).loadBalancer or {}
if #(balancer.ingress or {}) > 0 then
  return { status = "Healthy", message = "" }
end
return { status = "Progressing", message = "has no address yet" }
