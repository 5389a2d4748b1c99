-- The part of --serve that is written in Lua. It is called with the functions
-- that C calls, and adds its own.
local shared = ...

-- Provided functions: those that run now, by name.
local functions = {}

-- The comment above where it is defined, on one line.
local function summary_of(f, lines)
	local n = debug.getinfo(f, "S").linedefined
	local first = n
	while first > 1 and lines[first - 1]:find("^%s*%-%-") do
		first = first - 1
	end
	local text = {}
	for i = first, n - 1 do
		text[#text + 1] = lines[i]:match("^%s*%-+%s*(.-)%s*$")
	end
	return table.concat(text, " ")
end

local function read_lines(path)
	local lines = {}
	for line in io.lines(path) do
		lines[#lines + 1] = line
	end
	return lines
end

-- Loads the files of a folder: their functions by name, and the same as
-- `provide` lists them.
function shared.load_folder(folder, files)
	local found, list = {}, {}
	for _, file in ipairs(files) do
		local path, module = folder .. "/" .. file, file:sub(1, -5)
		local chunk, why = loadfile(path)
		local members = (chunk or error(why, 0))()
		if type(members) ~= "table" then
			error(path .. ": returns no table of functions", 0)
		end
		local lines = read_lines(path)
		for name, f in pairs(members) do
			if type(f) == "function" then
				name = module .. "." .. name
				found[name] = f
				local here = debug.getinfo(f, "S").source == "@" .. path
				list[#list + 1] = json.object {name = name,
					summary = here and summary_of(f, lines) or ""}
			end
		end
	end
	table.sort(list, function(a, b)
		return a.name < b.name
	end)
	return found, list
end

function shared.serve(found)
	functions = found
end

function shared.provided(name)
	return functions[name] or function()
		error("no function '" .. name .. "' is provided any more", 0)
	end
end
