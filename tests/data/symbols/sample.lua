local M = {}
LIMIT = 3
local counter, other = 0, 1

function M.check(name, ...)
  local inner = helper(name)
  return M:read(inner)
end

function M:read(x)
  return string.format("%s", x)
end

local function private(x) return check "literal" end

function global() private(1) end

M.late = function(x) return x end
local arrow = function() return 1 end
M.table = { field = 1, run = function() end }
return M
