-- What the tests of JSON for Lua use: short names, whether two values are the
-- same, and random values.

encode, decode, null, object = json.encode, json.decode, json.null, json.object

local array_mark = getmetatable(decode("[]"))
local object_mark = getmetatable(object {})

-- What JSON makes of a table.
function kind(t)
	local mark = getmetatable(t)
	if mark == object_mark then
		return "object"
	end
	return mark ~= array_mark and type(next(t)) == "string" and "object" or
		"array"
end

local function same_tables(a, b)
	if kind(a) ~= kind(b) then
		return false
	end
	for key, value in pairs(a) do
		if not same(value, b[key]) then
			return false
		end
	end
	for key in pairs(b) do
		if a[key] == nil then
			return false
		end
	end
	return true
end

-- Floats to the bit: 0.0 is not -0.0.
function same(a, b)
	if type(a) == "table" and type(b) == "table" then
		return same_tables(a, b)
	elseif math.type(a) == "float" and math.type(b) == "float" then
		return string.pack("d", a) == string.pack("d", b)
	end
	return math.type(a) == math.type(b) and a == b
end

function again(value)
	return decode(encode(value))
end

function comes_back(value)
	return same(value, again(value))
end

-- What is said where it is refused.
function refusal(f, ...)
	local ok, message = pcall(f, ...)
	return not ok and message
end

-- A table within a table, so many in all, around a value.
function nest(levels, value)
	for _ = 1, levels do
		value = {value}
	end
	return value
end

local function random_integer()
	local edges = {0, 1, -1, 1 << 53, (1 << 53) + 1, math.maxinteger,
		math.mininteger}
	return math.random(2) == 1 and edges[math.random(#edges)] or
		math.random(0)
end

local function random_float()
	local edges = {0.0, -0.0, 1.0, 0.1, 0.1 + 0.2, 1e15, 1e16, 2.0 ^ 53,
		2.0 ^ 63, 5e-324, 2.2250738585072014e-308,
		1.7976931348623157e308}
	local float = string.unpack("d", string.pack("j", math.random(0)))
	if math.random(4) == 1 or float ~= float or
	    float == math.huge or float == -math.huge then
		return edges[math.random(#edges)]
	end
	return float
end

local function random_character(least)
	local ends = {0x7f, 0x7ff, 0xffff, 0x10ffff}
	local code = math.random(least, ends[math.random(#ends)])
	if code >= 0xd800 and code <= 0xdfff then
		code = code - 0x800
	end
	return utf8.char(code)
end

local function random_string(least)
	local characters = {}
	for i = 1, math.random(0, 8) do
		characters[i] = random_character(least)
	end
	return table.concat(characters)
end

local scalars = {
	function() return null end,
	function() return true end,
	function() return false end,
	random_integer,
	random_float,
	function() return random_string(0) end,
}

function random_value(depth)
	local choice = math.random(#scalars + (depth > 0 and 4 or 0))
	if choice <= #scalars then
		return scalars[choice]()
	end
	local members = math.random(0, 6)
	local t = {}
	if choice % 2 == 0 then
		for i = 1, members do
			t[i] = random_value(depth - 1)
		end
		return t
	end
	for _ = 1, members do
		t[random_string(1)] = random_value(depth - 1)
	end
	return next(t) == nil and object(t) or t
end

-- True, or the value that did not come back.
function random_values_come_back(seed, count)
	math.randomseed(seed)
	for _ = 1, count do
		local value = random_value(6)
		if not comes_back(value) then
			return encode(value)
		end
	end
	return true
end
