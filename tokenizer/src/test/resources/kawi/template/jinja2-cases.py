"""Writes jinja2-cases.json: the results of many small templates in Python's Jinja2.

    python3 jinja2-cases.py > jinja2-cases.json

The environment is that of the Hugging Face libraries for chat templates. A case has the template and either its rendered text,
or the message that it raises, or the kind of error (the text of the error is for information only; Kawi's messages differ).
"""

import datetime
import json
import platform
import sys

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2026, 3, 9, 15, 4, 5, 67000)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


class Raised(jinja2.TemplateError):
    pass


def raise_exception(message):
    raise Raised(message)


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
)
environment.filters["tojson"] = to_json
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda format: NOW.strftime(format)

MESSAGES = [
    {"role": "system", "content": "  Be brief.\n"},
    {"role": "user", "content": "What is 2 < 3 & 'why'?"},
    {"role": "assistant", "content": "<think>\nhm\n</think>\n\nTrue.", "tool_calls": [
        {"type": "function", "function": {"name": "look_up", "arguments": {"q": "é\"\n", "n": 3, "deep": [1.5, None, True]}}}]},
    {"role": "tool", "content": "ok", "name": "look_up"},
    {"role": "user", "content": [{"type": "text", "text": "And "}, {"type": "image"}, {"type": "text", "text": "this?"}]},
]
TOOLS = [
    {"type": "function", "function": {"name": "look_up", "description": "Finds things – fast", "parameters": {
        "type": "object",
        "properties": {"q": {"type": "string", "enum": ["a", "b"]}, "n": {"type": ["integer", "null"], "default": 10}},
        "required": ["q"]}}},
]
DATA = {
    "s": "Hello, World", "empty": "", "blank": "  \t\n ", "n": 42, "neg": -7, "f": 2.5, "big": 12345678901234567890,
    "yes": True, "no": False, "nothing": None, "list": [3, 1, 2], "words": ["banana", "Apple", "cherry", "apple"],
    "dict": {"b": 1, "a": {"x": [1, 2]}, "C": None}, "emoji": "a😀é字", "none_list": [], "users": [
        {"name": "Bob", "age": 30, "tags": ["x"]}, {"name": "alice", "age": 25}, {"name": "Carl", "age": 30, "tags": []}],
    "messages": MESSAGES, "tools": TOOLS, "quote": "it's \"so\"", "lines": "one\ntwo\r\nthree\n", "html": "<a href=\"x\">&'</a>",
}

CASES = []


def expressions(text):
    """One expression a line; a line ending in a backslash goes on in the next one."""
    for line in text.strip("\n").split("\n"):
        if line.strip():
            CASES.append("{{ " + line.strip() + " }}")


def templates(*texts):
    CASES.extend(texts)


# Literals and printing
expressions(r"""
1
-1
1_000
0x_ff
0b101
0o17
00
1.5
1e3
1.5e-7
1e16
123456789012345680.0
1e-5
0.0001
5e-324
1e22
1e23
1.7976931348623157e308
0.1 + 0.2
100.0
1_0.5_0
2e-3
none
None
true
True
false
False
nothing
"a" 'b' "c"
'it\'s'
"tab\there"
'\x41\u00e9\U0001F600\101\N{BULLET}'
'\d\q\é\字'
'line\
continued'
'é字😀'
[1, 'a', none, true, 2.5, [], {}, ()]
(1,)
(1, 2)
()
1, 2
[1,]
{'a': 1, 'b': [1, {'c': none}]}
{1: 'a', true: 'b', 1.0: 'c'}
{(1, 2): 'x'}
{'a': 1,}
['it\'s', "say \"hi\"", 'both \' and "', 'new\nline', '\\', '\x00\x7f\xa0\u200b😀']
s
missing
[missing]
emoji
[emoji]
big
big + 1
big * big
9223372036854775807 + 1
-9223372036854775808 - 1
9223372036854775807 * 2
12345678901234567890123 // 1000
-(-9223372036854775808)
quote
[quote]
namespace(a=1, b='x')
dict
dict.items()
dict.keys()
dict.values()
range(3)
range(1, 10, 2)
[range(3)]
""")

# Arithmetic
expressions(r"""
7 // 2
-7 // 2
7 // -2
-7 % 3
7 % -3
7.5 // 2
-7.5 // 2
-7.5 % 2
7.5 % -2
0.0 // -1
1 / 2
4 / 2
-1 / 3
10 ** 20
2 ** -1
2 ** 0.5
-2 ** 2
2 ** 3 ** 2
-1|abs
-f|abs
+n
-true
true + true
n + f
n - 1 * 2
(n - 1) * 2
1 / 0
1 // 0
1 % 0
1.0 / 0
1.0 // 0
1.0 % 0
0 ** 0
0 ** -1
0.0 ** -1
2 ** 5000 > 1
10 ** 308 / 10 ** 300
10 ** 400 / 10 ** 399
1e308 * 10
2.0 ** 2000
s * 2
2 * s
s * 0
s * -1
s * true
list * 2
(1, 2) * 2
list + [4]
(1,) + (2,)
list + (1,)
s + 1
1 + s
s + nothing
nothing + 1
missing + 1
1 + missing
missing * 2
-missing
+missing
-s
s - s
dict + dict
n ~ f ~ s ~ none ~ true ~ [1] ~ missing
'a' ~ 1 + 2
1 ~ 2 ~ 3
'a' ~ -1
9007199254740993 / 1
(2 ** 63) / 3
1e300 ** 2
(-2) ** 3
2 ** true
5 // 0.3
""")

# Comparison, logic, membership
expressions(r"""
1 == 1.0
1 == true
'1' == 1
none == none
missing == missing
missing == none
[1, 2] == [1, 2.0]
(1, 2) == [1, 2]
{'a': 1} == {'a': true}
dict == dict
dict.items() == dict.copy().items()
dict.keys() == {'b': 0, 'C': 0, 'a': 0}.keys()
dict.keys() == {'b': 0}.keys()
dict.values() == dict.values()
dict.keys() == dict.items()
dict.items() == {'b': 1}.items()
range(3) == range(0, 3)
range(3)|truncate(5)
1 < 2 < 3
1 < 3 < 2
3 > 2 >= 2 == 2
'a' < 'b'
'B' < 'a'
'a' < 1
none < 1
missing < 1
1 < missing
[1, 2] < [1, 3]
[1, 'a'] < [2, 1]
[1, 'a'] < [1, 1]
(1,) < (1, 2)
[1] < (2,)
true < 2
9007199254740993 == 9007199254740992.0
9007199254740993 > 9007199254740992.0
'é' < 'z'
'\uffff' < '\U0001F600'
1 != 1
1 != 2
1 in [1, 2]
'1' in [1, 2]
'ell' in s
'' in s
'' in ''
none in s
1 in s
'a' in dict
'z' not in dict
[1] in dict
1 in missing
missing in list
missing in s
1 in range(3)
1 in 5
1 in none
'a' in dict.keys()
1 in dict.values()
not true
not []
not missing
not not 1
not 1 == 2
none or 'x'
'' or none
0 and 1
1 and 0 or 3
1 or 1 / 0
missing or 'fallback'
missing and 1 / 0
true and missing
1 if true
1 if false
1 if false else 2
1 if false else 2 if false else 3
(1 if false) is defined
'a' if missing else 'b'
[] and 1
not 1 in [1]
1 in [1] in [[1]]
""")

# Attributes, items, slices
expressions(r"""
dict.b
dict['b']
dict.a.x[0]
dict.a.x.1
dict.zzz
dict.zzz.y
dict['zzz']['y']
dict.items
dict['items']
{'items': 1}.items
{'items': 1}['items']
{'get': 5}.get('get')
missing.x
missing['x']
missing[0]
missing[1:]
none.x
none['x']
nothing[0]
nothing[1:]
n.x
n[0]
list[0]
list[-1]
list[5]
list[-5]
list['x']
list[true]
list[1.0]
list.0
list.x
s[0]
s[-1]
s[50]
s.0
emoji[1]
emoji[-1]
emoji[1:3]
emoji[::-1]
emoji[::2]
emoji|length
s[7:]
s[:5]
s[-5:]
s[::-1]
s[1:-1:2]
s[5:1]
s[5:1:-1]
s[::0]
s[1.5:]
s['a':]
s[none:3]
s[missing:]
s[-100:100]
list[1:]
list[::-1]
list[:-1]
list[-2:]
list[::2]
list[10:]
list[2:0:-1]
(1, 2, 3)[1:]
range(10)[2:5]
range(10)[::-1]
range(10)[-1]
range(5, 0, -2)|list
range(3)[1:]|list
dict[1:]
n[1:]
dict[[1]]
{(1, 2): 'x'}[1, 2]
{1: 'x'}[1.0]
{1: 'x'}[true]
{none: 'x'}[none]
messages[0].content
messages[0]['role']
messages.0.role
messages[-1].content[0].text
messages[1:][0].role
dict.__class__
dict['__class__']
s.__len__
dict._x
{'_x': 1}._x
dict.keys()[0]
dict.copy().b
dict.update({'z': 1})
dict.pop('b')
dict.pop
list.append(4)
list.append
list.sort()
list.copy()
list.index(2)
list.index(9)
list.count(1)
(1, 2, 1).count(1)
(1, 2, 1).index(2)
dict.get('b')
dict.get('z')
dict.get('z', 'default')
dict.get('z', none)
dict.get(b)
dict.get([1], 2)
dict.get()
dict.get('a', default=1)
{}.get
dict.a.items()|list
dict.items()|list
dict.items()|length
dict.keys()|list
dict.values()|list
dict|list
dict|length
dict.keys()|first
namespace(a=1).a
namespace(a=1)['a']
namespace(a=1).b
namespace({'x': 1}, y=2).x
namespace(_a=1)._a
s.nope
s.nope()
s()
missing()
n()
n.real + 1 if false else 'skip'
2.5.is_integer()
(2.0).is_integer()
""")

# String methods
expressions(r"""
s.upper()
s.lower()
'hello wORLD'.capitalize()
"they're bill's friends".title()
'ßtraße ŉ ǆ'.upper()
'ßtraße'.capitalize()
'ßa ǆa'.title()
'ΑΣ'.lower()
'ΑΣΑ'.lower()
'İI'.lower()
'aBc'.swapcase()
blank.strip() == ''
'  a b  '.strip() ~ '|'
'  a b  '.lstrip() ~ '|'
'  a b  '.rstrip() ~ '|'
'\u00a0\u2003x\u3000\x1c\x85'.strip()
'\u200bx\ufeff'.strip() | length
'xxaxx'.strip('x')
'abcba'.strip('ab')
'abcba'.lstrip('ab')
'abcba'.rstrip('ab')
'aaa'.strip('a')
'x'.strip(none)
'x'.strip(1)
'x'.strip('')
'\n\na\n'.strip('\n')
'a,b,c'.split(',')
'a,b,c'.split(',', 1)
'a,b,c'.split(',', maxsplit=1)
'a,b,c'.split(sep=',')
'a,b,c'.rsplit(',', 1)
'a,b,c'.rsplit(',')
' a  b \n c '.split()
' a  b \n c '.split(none, 1)
' a  b \n c '.rsplit(none, 1)
' a  b \n c '.rsplit()
' a b '.split(' ')
''.split()
''.split(',')
'abc'.split('')
'aXXbXXc'.split('XX')
'aaaa'.split('aa')
'aaaaa'.rsplit('aa')
'a,b'.split(',', 0)
' a '.split(none, 0)
' a '.rsplit(none, 0)
'a'.split(1)
'a-b-c'.partition('-')
'a-b-c'.rpartition('-')
'abc'.partition('-')
'abc'.rpartition('-')
lines.splitlines()
lines.splitlines(true)
'a\x0bb\x0cc\x1cd\u2028e\x85f\n\n'.splitlines()
''.splitlines()
', '.join(['a', 'b'])
', '.join([])
', '.join([1])
''.join('abc')
'-'.join(dict)
'-'.join(missing)
'-'.join(none)
'a-b-a'.replace('a', 'X')
'a-b-a'.replace('a', 'X', 1)
'a-b-a'.replace('a', 'X', 0)
'aaa'.replace('aa', 'b')
'abc'.replace('', '-')
'abc'.replace('', '-', 2)
''.replace('', '-')
'é😀'.replace('', '-')
'abc'.replace('b', 1)
s.startswith('Hell')
s.startswith(('x', 'H'))
s.startswith('ello', 1)
s.startswith('')
s.startswith('', 50)
s.endswith('World')
s.endswith(('x', 'd'))
s.endswith('World', 7, 12)
s.startswith(1)
s.startswith(['H'])
s.find('o')
s.find('o', 5)
s.find('zz')
s.find('')
s.find('', 50)
s.find('o', -3)
s.find('o', 0, 4)
s.rfind('o')
s.rfind('')
s.rfind('o', 0, 8)
s.index('o')
s.index('zz')
s.rindex('o')
s.count('o')
s.count('')
s.count('l', 3)
s.count('l', 3, 5)
'aaaa'.count('aa')
emoji.find('é')
emoji.rfind('字')
emoji.count('')
emoji.index('字')
'prefix-x'.removeprefix('prefix-')
'prefix-x'.removeprefix('zz')
'x.txt'.removesuffix('.txt')
'x'.removesuffix('')
'42'.zfill(5)
'-42'.zfill(5)
'+42'.zfill(2)
'ab'.center(7) ~ '|'
'abc'.center(8, '*')
'ab'.center(7, '*')
'ab'.ljust(5, '.')
'ab'.rjust(5, '.')
'ab'.rjust(1)
'ab'.center(5, 'xy')
'a\tbc\td'.expandtabs(4)
'12'.isdigit()
'1.2'.isdigit()
'²'.isdigit()
''.isdigit()
'abc'.isalpha()
'ab1'.isalpha()
'ab1'.isalnum()
'字'.isalpha()
'½'.isalnum()
' \n'.isspace()
''.isspace()
'abc'.islower()
'aBc'.islower()
'12'.islower()
'ABC1'.isupper()
'Title Case'.istitle()
'Title case'.istitle()
'é'.isascii()
'abc'.isascii()
'{} and {}'.format(1, 'b')
'{0}{1}{0}'.format('a', 'b')
'{a} {b.c} {d[0]} {d[1]}'.format(a=1, b={'c': 2}, d=[3, 4])
'{{}} {}'.format(1)
'{!r} {!s}'.format('a', 'b')
'{:>5}|{:<5}|{:^5}|{:*^6}'.format('a', 'b', 'c', 'd')
'{:05d} {:+d} {: d} {:,} {:x} {:#x} {:b} {:o} {:X}'.format(42, 42, 42, 1234567, 255, 255, 5, 8, 255)
'{:.2f} {:8.3f} {:e} {:g} {:.0f} {:%} {:,.2f}'.format(3.14159, 2.71828, 12345.678, 0.00001, 2.5, 0.25, 1234567.891)
'{:g} {:g} {:g} {:G}'.format(100000.0, 1000000.0, 1e-5, 1e-10)
'{:.3} {:.3}'.format('abcdef', 3.14159)
'{:010.2f}|{:<10.2f}|{:=+10d}'.format(3.14159, 2.5, 42)
'{:_} {:_x}'.format(1234567, 1048575)
'{:012,}'.format(1234567)
'{:{}}|{:{w}}'.format('a', 5, 'b', w=3)
'{} {1}'.format(1, 2)
'{}'.format()
'{x}'.format(y=1)
'{'.format(1)
'}'.format(1)
'{:d}'.format('a')
'{:d}'.format(1.5)
'{:s}'.format(1)
'{} {} {}'.format(none, true, [1, 'a'])
'{:5}|'.format(true)
'{:>5}|'.format(none)
'{:.1f}'.format(0.25)
'{:.1f}'.format(0.35)
'{:.2e}'.format(0)
'{0.__class__}'.format(1)
'%s and %s' % (1, 'b')
'%s' % 'x'
'%s' % none
'%s' % [1, 2]
'%d items' % 3
'%d' % 3.9
'%d' % -3.9
'%5d|%-5d|%05d|%+d|% d' % (1, 2, 3, 4, 5)
'%.2f %8.3f %e %g %G' % (3.14159, 2.71828, 12345.678, 0.00001, 1e-10)
'%x %X %#x %o' % (255, 255, 255, 8)
'%r %s' % ('a', 'a')
'%c%c' % ('a', 98)
'%%'  % ()
'%s %%' % 1
'%(a)s-%(b)d' % {'a': 'x', 'b': 2}
'%*d|%-*d|%.*f' % (5, 1, 5, 2, 1, 2.55)
'%5s|%-5s|%.2s' % ('ab', 'ab', 'abc')
'%s' % ()
'%s %s' % (1,)
'%s' % (1, 2)
'%d' % 'a'
'%z' % 1
'%' % 1
'%s' % missing
'%s' % (missing,)
'a' % 1
'a' % ()
'a' % {}
'a' % [1]
'%i' % true
'%.0f %.0f' % (0.5, 1.5)
'%5.1f|' % -0.04
'%s' % {'a': 1}
""")

# Filters
expressions(r"""
s|upper
s|lower
s|title
"hello-world (foo) it's [x] <y> {z} a_b"|title
'ßa'|title
s|capitalize
n|upper
none|upper
missing|upper
blank|trim ~ '|'
'  a '|trim ~ '|'
'xxaxx'|trim('x')
none|trim
missing|trim
n|trim
s|length
list|length
dict|count
n|length
none|length
missing|length
list|first
list|last
s|first
s|last
none_list|first
none_list|last
none_list|first is defined
dict|first
dict|last
emoji|last
missing|first
none|first
list|join
list|join(', ')
list|join(d=', ')
words|join(1)
users|join(', ', attribute='name')
missing|join(',')
none|join(',')
s|join('-')
dict|join(',')
[none, true, 1.0]|join(' ')
s|replace('o', '0')
s|replace('o', '0', 1)
s|replace('o', 0)
n|replace(4, 5)
missing|replace('a', 'b')
none|replace('N', 'n')
missing|default('x')
missing|d('x')
missing|default
none|default('x')
none|default('x', true)
''|default('x', boolean=true)
0|default(5, true)
missing.x|default('y')
dict.zzz|default('y')
dict.zzz.y|default('z')
s|string
n|string
none|string
true|string
missing|string
[1, 'a']|string
n|int
'42'|int
' 42 '|int
'42.7'|int
'-42'|int
'+4_2'|int
'4__2'|int
'abc'|int
'abc'|int(5)
'abc'|int(default=-1)
''|int
'ff'|int(base=16)
'0xff'|int(0, 16)
'0b11'|int(0, 2)
'0x1f'|int(0, 0)
'z'|int(0, 36)
2.9|int
-2.9|int
true|int
none|int
list|int
missing|int
'1e3'|int
'inf'|int
'12345678901234567890'|int
1e20|int
'3.5'|float
' 3.5e2 '|float
'.5'|float
'5.'|float
'.'|float
'e5'|float
'1_0.5'|float
'abc'|float
'abc'|float(1.5)
'inf'|float
'-Infinity'|float
'nan'|float
n|float
true|float
none|float
missing|float
-5|abs
-5.5|abs
's'|abs
missing|abs
42.55|round
42.55|round(1)
42.45|round(1)
2.675|round(2)
2.5|round
3.5|round
-0.4|round
42|round
1250|round(-2)
1350|round(-2)
1249.9|round(-2)
42.55|round(1, 'floor')
42.55|round(1, 'ceil')
42.1|round(method='ceil')
42|round(0, 'floor')
-42.55|round(0, 'floor')
's'|round
1.5|round(1, 'other')
42.55|round|int
list|sort
list|sort(reverse=true)
words|sort
words|sort(case_sensitive=true)
words|sort(reverse=true)
users|sort(attribute='age')|map(attribute='name')|list
users|sort(attribute='age,name')|map(attribute='name')|list
users|sort(attribute='age', reverse=true)|map(attribute='name')|list
[1, 'a']|sort
[[2, 1], [1, 2]]|sort
dict|sort
s|sort
none|sort
missing|sort
[3, 1.5, true]|sort
words|unique|list
words|unique(case_sensitive=true)|list
[1, 1.0, true, 2]|unique|list
users|unique(attribute='age')|map(attribute='name')|list
[[1], [1]]|unique|list
list|min
list|max
words|min
words|max
words|max(case_sensitive=true)
users|min(attribute='age')
users|map(attribute='age')|max
none_list|min
[1, 'a']|max
s|min
list|sum
[1.5, 2]|sum
users|sum(attribute='age')
users|sum('age', 5)
none_list|sum
['a', 'b']|sum
[[1], [2]]|sum(start=[])
[0.1, 0.2, 0.3]|sum
list|reverse|list
s|reverse
emoji|reverse
dict|reverse|list
(1, 2)|reverse|list
list|reverse|length
missing|reverse|list
dict|items|list
missing|items|list
none|items|list
list|items|list
dict|items|length
dict|dictsort
dict|dictsort(true)
dict|dictsort(reverse=true)
{'a': 3, 'b': 1}|dictsort(by='value')
{'a': 3, 'b': 1}|dictsort(false, 'value', true)
list|dictsort
dict|dictsort(by='other')
s|list
list|list
dict.items()|list
n|list
none|list
missing|list
words|map('upper')|list
words|map('upper')|join(',')
words|map('length')|list
words|map('replace', 'a', 'A')|list
words|map('default', 'x')|list
[none, 1]|map('default', 'x', true)|list
users|map(attribute='name')|list
users|map(attribute='tags', default='none')|list
users|map(attribute='tags.0', default='none')|list
users|map(attribute='tags')|list
[[1, 2], [3, 4]]|map(attribute=0)|list
[[1, 2], [3, 4]]|map(attribute='1')|list
[[1, 2], [3, 4]]|map('sum')|list
[[1, 2], [3, 4]]|map('first')|list
words|map
words|map('nope')|list
words|map('upper')|length
none|map('upper')|list
words|map('tojson')|join(' ')
users|map(attribute='name')|map('upper')|list
users|map(attribute='name', other=1)|list
list|select('odd')|list
list|select('gt', 1)|list
list|select('>', 1)|list
list|select|list
[0, 1, '', none, 'a']|select|list
[0, 1, '', none, 'a']|reject|list
list|reject('odd')|list
list|select('nope')|list
list|select('in', [1, 2])|list
list|select('divisibleby', 3)|list
users|selectattr('tags')|map(attribute='name')|list
users|selectattr('tags', 'defined')|map(attribute='name')|list
users|rejectattr('tags', 'defined')|map(attribute='name')|list
users|selectattr('age', 'equalto', 30)|map(attribute='name')|list
users|selectattr('age', '==', 30)|map(attribute='name')|join(', ')
users|selectattr('name', 'in', ['Bob', 'Carl'])|list|length
users|rejectattr('age', 'gt', 26)|map(attribute='name')|list
messages|selectattr('role', 'equalto', 'system')|list|length
messages|selectattr('role', 'eq', 'user')|first is defined
messages|rejectattr('role', 'ne', 'tool')|map(attribute='content')|list
(messages|selectattr('role', 'equalto', 'nobody')) and true
users|selectattr
[1, 2, 3, 4, 5]|batch(2)|list
[1, 2, 3, 4, 5]|batch(2, 'x')|list
[1, 2, 3, 4, 5]|slice(2)|list
[1, 2, 3, 4, 5]|slice(3, 'x')|list
users|groupby('age')|list
(users|groupby('age'))[0][1]|map(attribute='name')|list
users|groupby('tags', default='')|length
words|groupby(0)|map('first')|list
'a\nb\n\nc'|indent
'a\nb\n\nc'|indent(2)
'a\nb\n\nc'|indent(2, true)
'a\nb\n\nc'|indent(2, true, true)
'a\nb\n\nc'|indent(first=true)
'a\nb\n\nc'|indent('> ')
'a\nb\n'|indent ~ '|'
''|indent ~ '|'
n|indent
missing|indent
'foo bar baz qux'|truncate(9)
'foo bar baz qux'|truncate(9, true)
'foo bar baz qux'|truncate(11)
'foo bar baz qux'|truncate(11, false, '...', 0)
'foobarbazqux'|truncate(9, end='~', leeway=0)
'foo'|truncate(2)
'ab'|center(7) ~ '|'
'Hello, big-world and_all é'|wordcount
'%s, %s!'|format('a', 'b')
'%(x)s'|format(x=1)
'%s'|format(missing)
'%s %(x)s'|format(1, x=1)
dict|attr('b')
dict|attr('get')('b')
dict|attr('nope')
html|e
html|escape
html|safe
(html|e)|e
html|e ~ html
(html|e) + html
html + (html|e)
(html|safe) + '<'
'<' + (html|safe)
(html|e)|upper
(html|safe)|length
(html|safe) == html
(html|safe) is string
(html|safe) is escaped
html is escaped
(html|safe)|tojson
[html|safe]
(s|safe).upper()
(s|safe).split(',')
(s|safe).replace('o', '<')
('%s'|safe) % '<'
('<'|safe).join(['<', '>'])
'<'.join([html|safe])
['<'|safe, '>']|join('&')
(s|safe)[0:3] + '<'
(s|safe) * 2
(s|safe) ~ '<'
n|e
none|e
missing|e
""")

# tojson
expressions(r"""
s|tojson
n|tojson
f|tojson
1.0|tojson
1e100|tojson
('nan'|float)|tojson
('inf'|float)|tojson
none|tojson
true|tojson
big|tojson
quote|tojson
html|tojson
emoji|tojson
'\n\r\t\x08\x0c\x00\x1f\x7f\u2028/\\'|tojson
list|tojson
(1, 2)|tojson
dict|tojson
{}|tojson
[]|tojson
[[], {}]|tojson
{1: 2, true: 3, none: 4, 1.5: 5}|tojson
{(1, 2): 3}|tojson
missing|tojson
[missing]|tojson
range(3)|tojson
dict.items()|tojson
tools|tojson
tools[0]|tojson(indent=2)
tools|tojson(indent=4)
dict|tojson(indent=0)
dict|tojson(indent='\t')
[[], {}, [1]]|tojson(indent=2)
dict|tojson(indent=none)
dict|tojson(indent=-1)
dict|tojson(indent=true)
emoji|tojson(ensure_ascii=true)
'é\x7f'|tojson(true)
dict|tojson(sort_keys=true)
dict|tojson(separators=(',', ':'))
dict|tojson(indent=2, separators=(',', ':'))
dict|tojson(nope=1)
namespace(a=1)|tojson
messages[2].tool_calls[0].function.arguments|tojson
""")

# Tests
expressions(r"""
s is string
n is string
html|safe is string
n is number
f is number
yes is number
s is number
n is integer
yes is integer
big is integer
f is float
yes is boolean
n is boolean
yes is true
n is true
no is false
nothing is none
missing is none
missing is defined
missing is undefined
nothing is defined
dict.zzz is defined
dict.a.x is defined
dict is mapping
list is mapping
list is sequence
dict is sequence
s is sequence
n is sequence
missing is sequence
none is sequence
dict.items() is sequence
range(3) is sequence
(list|map('upper')) is sequence
list is iterable
s is iterable
dict is iterable
n is iterable
none is iterable
missing is iterable
(list|map('upper')) is iterable
(1, 2) is sequence
namespace() is mapping
range is callable
n is callable
dict.get is callable
3 is odd
3 is even
4 is even
-3 is odd
3.0 is odd
's' is odd
9 is divisibleby 3
9 is divisibleby(3)
9 is divisibleby 0
'abc' is lower
'ABC' is upper
'aBC' is upper
n is lower
1 is eq 1
1 is eq(1)
1 is equalto 1
1 is ne 2
1 is lt 2
2 is gt 1
2 is ge 2
2 is le 2
2 is greaterthan 1
1 is lessthan 2
1 is in [1, 2]
1 is not in [1, 2]
'a' is in 'abc'
1 is sameas 1
true is sameas true
1 is sameas true
none is sameas none
list is sameas list
[1] is sameas [1]
s is not string
missing is not defined
not missing is defined
s is defined and s is string
s is string or 1 / 0
1 if s is defined else 2
'upper' is filter
'nope' is filter
'odd' is test
'nope' is test
s is string is string
s is
s is nope
s is not nope
list is string or list is sequence and list is not mapping
n is divisibleby n
n is eq n + 0
5 is lt 3 + 4
none is not none
yes is sameas(true)
""")

# Statements, scopes
templates(
    "{% if s %}a{% elif n %}b{% else %}c{% endif %}",
    "{% if missing %}a{% elif none %}b{% else %}c{% endif %}",
    "{% if false %}a{% elif n %}b{% endif %}",
    "{% if 1, 0 %}tuple{% endif %}",
    "{% if s: %}colon{% endif %}",
    "{% for x in list %}{{ x }},{% endfor %}",
    "{% for x in list: %}{{ x }},{% endfor %}",
    "{% for x in none_list %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in list %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in missing %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in none %}{{ x }}{% endfor %}",
    "{% for x in 5 %}{{ x }}{% endfor %}",
    "{% for x in dict %}{{ x }}{% endfor %}",
    "{% for k, v in dict.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in dict|items %}{{ k }}={{ v }};{% endfor %}",
    "{% for (a, b) in [(1, 2), [3, 4]] %}{{ a + b }},{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}",
    "{% for a, b in [(1,)] %}{{ a }}{% endfor %}",
    "{% for a, b in ['xy', 'zw'] %}{{ b }}{{ a }}{% endfor %}",
    "{% for a, b in [1] %}{{ a }}{% endfor %}",
    "{% for c in emoji %}[{{ c }}]{% endfor %}",
    "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}",
    "{% for x in list if x > 1 %}{{ loop.index }}:{{ x }} {% endfor %}",
    "{% for x in list if x > 1 %}{{ loop.index }}/{{ loop.length }} {{ loop.last }} {% endfor %}",
    "{% for x in list if x > 5 %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in list if loop is defined %}{{ x }}{% else %}no loop{% endfor %}",
    "{% for a in [1, 2] %}{% for x in list if x > loop.index %}{{ x }}{% endfor %};{% endfor %}",
    "{% for x in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for x in list %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}",
    "{% for x in list %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }} {% endfor %}",
    "{% for x in list %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }} {% endfor %}",
    "{% for x in list %}{{ loop.nope }}{{ loop.nope is defined }}{% endfor %}",
    "{% for x in list %}{{ loop }}{% endfor %}",
    "{% for x in list|reverse %}{{ loop.length }}{{ x }}{{ loop.last }} {% endfor %}",
    "{% for x in list|map('string') %}{{ loop.last }}{{ loop.revindex }} {% endfor %}",
    "{% for x in range(5) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in range(3) %}{% break %}{% else %}else{% endfor %}",
    "{% for x in range(3) %}{% continue %}{% else %}else{% endfor %}",
    "{% for a in range(2) %}{% for b in [] %}{% else %}{% break %}{% endfor %}{{ a }}{% endfor %}",
    "{% for a in range(3) %}{% for b in range(3) %}{% if b == 1 %}{% break %}{% endif %}{{ a }}{{ b }} {% endfor %}{% endfor %}",
    "{% for a in range(2) %}{% set x %}{% if a %}{% break %}{% endif %}t{% endset %}{{ x }}{% endfor %}",
    "{% for a in range(2) %}{% filter upper %}{% if a %}{% continue %}{% endif %}t{% endfilter %}{% endfor %}",
    "{% break %}",
    "{% for x in list %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    "{{ loop }}",
    "{% for loop in list %}{% endfor %}",
    "{% for x in list %}{% set loop = 1 %}{% endfor %}",
    "{% set loop = 1 %}{{ loop }}",
    "{% for x in list %}{% for y in [1] %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% for x in list %}{% for y in [] %}{% else %}{{ loop.index }}{% endfor %}{% endfor %}",
    "{% set x = 1 %}{% for i in list %}{% set x = i %}{{ x }}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% for i in list %}{{ x }}{% set x = i %}{{ x }};{% endfor %}{{ x }}",
    "{% for i in list %}{{ s }}{% set s = i %}{{ s }};{% endfor %}{{ s }}",
    "{% for i in list %}{% if loop.first %}{% set s = i %}{% endif %}{{ s }};{% endfor %}",
    "{% for i in list %}{% for j in [1] %}{{ s }}{% endfor %}{% set s = i %}{{ s }};{% endfor %}",
    "{% for i in [1] %}{{ s }}{% endfor %}{% set s = 'new' %}{{ s }}",
    "{% for i in [1] %}[{{ n }}]{% endfor %}{% if true %}{% set n = 'new' %}{% endif %}{{ n }}",
    "{{ n }}{% for i in [1] %}[{{ n }}]{% endfor %}{% set n = 'new' %}{{ n }}",
    "{% macro m() %}[{{ s }}]{% endmacro %}{{ m() }}{% set s = 'new' %}{{ m() }}",
    "{% macro m() %}[{{ s }}]{% endmacro %}{{ s }}{{ m() }}{% set s = 'new' %}{{ m() }}",
    "{% macro m() %}{% set s = 'in' %}{{ s }}{% endmacro %}{{ m() }}{{ s }}",
    "{% macro m() %}{{ s }}{% set s = 'in' %}{{ s }}{% endmacro %}{{ m() }}{{ s }}",
    "{% macro m() %}{% for i in [1] %}{{ s }}{% endfor %}{% set s = 'in' %}{% endmacro %}{{ m() }}",
    "{% if false %}{% set s = 'x' %}{% endif %}{{ s }}",
    "{% if true %}{% else %}{% set t = 'x' %}{% endif %}{{ t }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set (a, b) = [1, 2] %}{{ a }}{{ b }}",
    "{% set a, b = 1 %}",
    "{% set a = 1, 2 %}{{ a }}",
    "{% set ns = namespace(x=1) %}{% for i in list %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}",
    "{% set d = {} %}{% set d.x = 1 %}",
    "{% set nope.x = 1 %}",
    "{% set x %}a{{ n }}b{% endset %}{{ x }}|{{ x|length }}",
    "{% set x | upper %}a{{ n }}b{% endset %}{{ x }}",
    "{% set x | upper | replace('A', 'z') %}a{% endset %}{{ x }}",
    "{% set x %}{% set y = 1 %}{{ y }}{% endset %}{{ x }}{{ y }}",
    "{% set ns = namespace() %}{% set ns.x %}a{% endset %}{{ ns.x }}",
    "{% set true = 1 %}",
    "{% set 1 = 1 %}",
    "{% set x.y.z = 1 %}",
    "{% set x['a'] = 1 %}",
    "{% set x = %}",
    "{% set x + 1 %}",
    "{% with %}{% set x = 1 %}{{ x }}{% endwith %}{{ x }}",
    "{% with x = 1, y = n %}{{ x }}{{ y }}{% endwith %}{{ x }}",
    "{% with x = 1, y = x %}{{ x }}[{{ y }}]{% endwith %}",
    "{% filter upper %}a{{ s }}b{% endfilter %}",
    "{% filter replace('a', 'b') | upper %}aaa{% endfilter %}",
    "{% filter upper %}{% set x = 1 %}{{ x }}{% endfilter %}{{ x }}",
    "{% filter tojson %}a\"b{% endfilter %}",
    "{% generation %}a{{ n }}{% set x = 1 %}{{ x }}{% endgeneration %}{{ x }}",
    "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% endif %}{% endfor %}",
    "{% print 1, 'a', none %}",
    "{% print %}",
    "{% raw %}{{ x }}{% if %}{% endraw %}",
    "a {%- raw %} b {% endraw -%} c",
    "a\n  {% raw %}  \n b\n  {% endraw %}\n c",
    "{% raw -%}  x  {%- endraw %}",
    "{# comment #}a{#- b -#} c {#+ d +#} e",
    "a {# {{ x }} {% if %} #} b",
)

# Macros and calls
templates(
    "{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=5, a=4) }} {{ m() }}",
    "{% macro m(a, b=a) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }}",
    "{% macro m(a) %}{{ a is defined }}{{ a }}{% endmacro %}{{ m() }}{{ m(none) }}",
    "{% macro m(a) %}{{ a.b }}{% endmacro %}{{ m() }}",
    "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{% endmacro %}{{ m(c=1) }}",
    "{% macro m(a) %}{% endmacro %}{{ m(1, a=1) }}",
    "{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}",
    "{% macro m() %}{{ varargs|length }}{% endmacro %}{{ m(x=1) }}",
    "{% macro m(a=1, b) %}{% endmacro %}",
    "{% macro m() %}  x  {% endmacro %}[{{ m() }}]",
    "{% macro m() %}x{% endmacro %}{{ m()|upper }}{{ m() + 'y' }}{{ m() is string }}",
    "{% macro m(n) %}{% if n > 0 %}{{ n }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(5) }}",
    "{{ m() }}{% macro m() %}x{% endmacro %}",
    "{% macro m() %}x{% endmacro %}{{ m }}",
    "{% macro m(a, b=1) %}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}",
    "{% macro wrap() %}[{{ caller() }}]{% endmacro %}{% call wrap() %}in{{ n }}{% endcall %}",
    "{% macro wrap() %}{% for i in list %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(x) wrap() %}<{{ x }}>{% endcall %}",
    "{% macro wrap() %}{{ caller(1) }}{% endmacro %}{% call(x, y=5) wrap() %}{{ x }}{{ y }}{% endcall %}",
    "{% macro wrap() %}x{% endmacro %}{% call wrap() %}in{% endcall %}",
    "{% macro wrap() %}{{ caller() }}{% endmacro %}{{ wrap() }}",
    "{% macro wrap() %}{{ caller is defined }}{% endmacro %}{{ wrap() }}{% call wrap() %}{% endcall %}",
    "{% macro wrap(caller=none) %}{{ caller() if caller else 'no' }}{% endmacro %}{{ wrap() }}{% call wrap() %}yes{% endcall %}",
    "{% macro wrap(caller) %}{{ caller() }}{% endmacro %}",
    "{% macro a() %}{% call b() %}{{ caller() }}{% endcall %}{% endmacro %}{% macro b() %}<{{ caller() }}>{% endmacro %}{% call a() %}x{% endcall %}",
    "{% set x = 1 %}{% macro w() %}{{ caller() }}{% endmacro %}{% for x in list %}{% call w() %}{{ x }}{% endcall %}{% endfor %}",
    "{% call 5 %}{% endcall %}",
    "{% macro outer() %}{% macro inner(x) %}({{ x }}){% endmacro %}{{ inner(1) }}{% endmacro %}{{ outer() }}{{ inner is defined }}",
    "{% for i in list %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}",
    "{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }}{{ m(**{'a': 3, 'b': 4}) }}{{ m(5, *[6]) }}{{ m(7, **{'b': 8}) }}",
    "{% macro m(a, a) %}{% endmacro %}",
    "{{ dict.get(*['b']) }}",
    "{{ range(*[1, 4])|list }}",
    "{{ m(**5) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(**{1: 2}) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(a=1, a=2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(a=1, 2) }}",
    "{{ dict(a=1, b=2) }}",
    "{{ {}|attr('x') }}",
    "{{ raise_exception('No & <good>') }}",
    "{{ raise_exception('a' ~ n) }}",
    "{% if false %}{{ raise_exception('no') }}{% endif %}fine",
    "{{ raise_exception(5) }}",
    "{{ raise_exception() }}",
    "{{ range(0) | list }}{{ range(5, 1)|list }}{{ range(1, 6, 2)|list }}",
    "{{ range(1000000)|length }}",
    "{{ range('a') }}",
    "{{ range(1, 2, 0) }}",
    "{{ range() }}",
    "{{ strftime_now('%Y-%m-%d %H:%M:%S') }}",
    "{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%A, %B %-d, %Y') }}|{{ strftime_now('%j %U %W %V %G %u %w %y %C %I %p %f %% %e %a %D %F %T %R %h %x %X %c %k %l %P %r') }}",
    "{{ strftime_now is defined }}{{ raise_exception is defined }}{{ namespace is defined }}{{ nope is defined }}",
)

# Whitespace control
for body in ["{% if true %}x{% endif %}", "{%- if true -%}x{%- endif -%}", "{%+ if true +%}x{%+ endif +%}",
             "{{ n }}", "{{- n -}}", "{# c #}", "{#- c -#}", "{#+ c +#}", "{% raw %}x{% endraw %}", "{%- raw -%}x{%- endraw -%}"]:
    templates("a\n  " + body + "\n  b\n", "a  " + body + "  b", body + "\n\n", "  " + body + "  \n", "\n  " + body + "\n" + body,
              "a\r\n  " + body + "\r\n  b\r\n", "\t\u00a0 " + body + "\u2003\nz")
templates(
    "{% if true %}\n  {% if true %}\n    x\n  {% endif %}\n{% endif %}\n",
    "a\n\n\n{%- if true %}\n\nx{% endif %}",
    "{% for x in list %}\n{{ x }}\n{% endfor %}\n",
    "{% for x in list -%}\n  {{ x }}\n{%- endfor %}",
    "  {% set x = 1 %}  {{ x }}  {# c #}  \n  {{ x }}",
    "{% set x = 1 -%}   \n\n   {{ x }}",
    "x\n", "x\n\n", "\n", "\r\n", "x\r", "", "{{ '}}' }}", "{{ {'a': {'b': 1}}.a.b }}", "{{ {'a': {}} }}", "{{{'a': 1}.a}}",
    "{{ 'a\nb' }}", "{{ 'a\r\nb' }}", "{ {x} }", "{", "{ %", "}}", "%}", "#}", "{{ n }", "{% if n }", "{{ n", "{% if n",
    "{# open", "{% raw %}open", "{% endif %}", "{% if n %}", "{% for x in list %}", "{% if n %}{% endfor %}", "{% nope %}",
    "{{ }}", "{% %}", "{{ n n }}", "{{ (1 }}", "{{ 1) }}", "{{ [1 }}", "{{ [1) }}", "{{ 'open }}", "{{ a b }}", "{{ 1 + }}", "{{ * 1 }}",
    "{{ n | }}", "{{ n | nope }}", "{{ n is }}", "{{ n. }}", "{{ n.'a' }}", "{{ n[ }}", "{{ list[] }}", "{{ ! }}", "{{ n ? 1 : 2 }}",
    "{{ n & 1 }}", "{{ $ }}", "{{ n; }}", "{{ n == }}", "{{ = 1 }}", "{{ n = 1 }}", "{{ f(a b) }}", "{{ f(,) }}", "{{ {'a' 1} }}",
    "{{ {'a': } }}", "{{ [1,,2] }}", "{{ 012 }}", "{{ 1__0 }}", "{{ '\\x4' }}", "{{ '\\N{nope nope}' }}", "{{ '\\u12' }}",
    "{% else %}", "{% elif n %}", "{% if n %}{% else %}{% else %}{% endif %}", "{% if n %}{% else %}{% elif n %}{% endif %}",
    "{% macro %}{% endmacro %}", "{% macro m %}{% endmacro %}", "{% for in list %}{% endfor %}", "{% for x list %}{% endfor %}",
    "{% for x in %}{% endfor %}", "{% set %}", "{% filter %}{% endfilter %}", "{% filter nope %}{% endfilter %}", "{% call %}{% endcall %}",
    "{% if true %}{{ n | nope }}{% endif %}", "{% if false %}{{ n | nope }}{% endif %}x",
    "{% if false %}{{ n is nope }}{% endif %}x", "{% if false %}x{% elif n is nope %}{% endif %}", "{% if true %}x{% elif n is nope %}{% endif %}",
    "{% if false and n is nope %}y{% endif %}x", "{% if false %}{% for i in list %}{{ i | nope }}{% endfor %}{% endif %}x",
    "{% for i in list %}{% if false %}{{ i | nope }}{% endif %}{% endfor %}x", "{{ n | nope if false else 1 }}", "{{ 1 if true else n | nope }}",
    "{{ [1 if true else 2, n | nope] }}", "{{ (n is nope) if n is nope else 1 }}", "{% if false %}{% filter nope %}{% endfilter %}{% endif %}x",
    "{% if false %}{% set x | nope %}{% endset %}{% endif %}x", "{% for i in list | nope %}{% endfor %}",
    "{% for i in list if i is nope %}{% endfor %}", "{% if n is nope %}{% endif %}", "{% if %}{% endif %}",
    "{{ not }}", "{{ if }}", "{{ and }}", "{{ n.0x }}", "{{ list.0.0 }}", "{{ 1.5.x }}", "{{ n -}}\n\n x", "x \n\n {{- n }}",
    "{{ 1if true else 2 }}", "{{ 1e5x }}", "{{ self }}" if False else "{{ n }}",
    "{% if n %}a{%- else -%} b {%- endif %} c",
    "{{ 'x' if n else }}", "{%if n%}y{%endif%}", "{{n}}{{n}}", "{{-n-}}", "{{--n}}", "{{ - -n }}", "{{ +-n }}", "{{n|abs-1}}", "{{ n -1 }}", "{{ n-1 }}",
    "{% set résumé = 1 %}{{ résumé }}", "{% set 名 = 'x' %}{{ 名 }}", "{% set _x1 = 'x' %}{{ _x1 }}",
    "{{ list|map('string')|join }}{% set g = list|map('string') %}{{ g|list }}{{ g|list }}",
    "{% set g = list|select %}{% if g %}{{ g|first }}{{ g|list }}{% endif %}",
    "{% set ns = namespace(stop=false) %}{% for x in range(6) if not ns.stop %}{{ x }}{% if x == 2 %}{% set ns.stop = true %}{% endif %}{% endfor %}",
    "{% set ns = namespace(stop=false) %}{% for x in range(6) if not ns.stop %}{{ x }}{{ loop.last }}{% if x == 2 %}{% set ns.stop = true %}{% endif %}{% endfor %}",
    "{% set ns = namespace(found=false) %}{% for m in messages %}{% if m.role == 'tool' %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.found }}",
    "{% set ns = namespace(a=1) %}{{ ns }}{% set ns.a = ns.a + 1 %}{{ ns.a }}{{ ns.b is defined }}",
    "{% set x = [1] %}{% set y = x + [2] %}{{ x }}{{ y }}",
    "{% set d = dict(a=1) %}{{ d }}", "{{ cycler is defined }}" if False else "{{ n }}",
)

# Templates similar to published ones
templates(
    # header tokens, system first, trimmed contents
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content']|trim %}"
    "{% else %}{% set loop_messages = messages %}{% set system_message = '' %}{% endif %}"
    "{% for message in loop_messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}"
    "{% if message['content'] is string %}{{ message['content'] | trim + '<|eot_id|>' }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '<|image|>' }}{% elif part['type'] == 'text' %}{{ part['text'] | trim }}{% endif %}{% endfor %}{{ '<|eot_id|>' }}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}{{ system_message }}",
    # alternation check with an exception
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% else %}{{ message['content'] + eos_token}}{% endif %}{% endfor %}",
    # namespace counters, tools as JSON, date
    "{%- set date_string = strftime_now('%d %b %Y') if strftime_now is defined else '26 Jul 2024' %}\n"
    "{%- if tools is not none and tools is defined %}\n    {{- 'Tools: ' ~ (tools | map(attribute='function') | map(attribute='name') | join(', ')) }}\n"
    "    {%- for tool in tools %}\n        {{- '\\n' ~ tool | tojson(indent=4) }}\n    {%- endfor %}\n{%- endif %}\nToday: {{ date_string }}\n",
    # tool calls with string or mapping arguments
    "{%- for message in messages %}\n    {%- if message.tool_calls is defined and message.tool_calls %}\n        {%- for tool_call in message.tool_calls %}\n"
    "            {%- if tool_call.function is defined %}\n                {%- set tool_call = tool_call.function %}\n            {%- endif %}\n"
    "            {{- '<tool_call>\\n{\"name\": \"' ~ tool_call.name ~ '\", \"arguments\": ' }}\n"
    "            {{- tool_call.arguments if tool_call.arguments is string else tool_call.arguments | tojson }}\n            {{- '}\\n</tool_call>' }}\n"
    "        {%- endfor %}\n    {%- elif loop.previtem is defined and loop.previtem.role == 'assistant' %}after: {{ message.role }}\n    {%- endif %}\n{%- endfor %}",
    # a recursive macro over a JSON schema
    "{%- macro kind(spec) -%}\n    {%- if spec.type == 'object' -%}\n        {\n        {%- for name, property in spec.properties.items() -%}\n"
    "            {{ name }}{{ '?' if name not in (spec.required or []) }}: {{ kind(property) }}{{ ', ' if not loop.last }}\n        {%- endfor -%}\n        }\n"
    "    {%- elif spec.type is string -%}{{ spec.type }}\n    {%- elif spec.type is iterable -%}{{ spec.type | join(' | ') }}\n    {%- else -%}any{%- endif -%}\n{%- endmacro -%}\n"
    "{%- for tool in tools -%}\ntype {{ tool.function.name }} = (_: {{ kind(tool.function.parameters) }}) => any;\n{%- endfor -%}",
    # think splitting
    "{%- for m in messages if m.role == 'assistant' %}\n{%- set content = m.content %}\n{%- if '</think>' in content %}\n"
    "{%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}\n{%- set content = content.split('</think>')[-1].lstrip('\\n') %}\n{%- endif %}\n"
    "[{{ thought }}|{{ content }}]\n{%- endfor %}",
    # reverse scan for the last user turn
    "{%- set ns = namespace(last=-1) %}{%- for m in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}"
    "{%- if ns.last < 0 and m.role == 'user' and m.content is string %}{%- set ns.last = index %}{%- endif %}{%- endfor %}{{ ns.last }}",
)


# Globals and loops for lists and trees
expressions(r"""
users|groupby('age')|map(attribute='grouper')|list
(users|groupby('age'))[1].list[0].name
(users|groupby('age'))[0].grouper
users|groupby('age')|first
(users|groupby('name'))[0].other
joiner is defined and cycler is callable
cycler()
cycler(1, 2).next()
cycler('a')['current']
joiner(1)()
lipsum is defined
range is callable
""")
templates(
    "{% for g in users|groupby('age') %}{{ g.grouper }}: {{ g.list|map(attribute='name')|join(',') }};{% endfor %}",
    "{% set sep = joiner() %}{% for w in words %}{{ sep() }}{{ w }}{% endfor %}",
    "{% set sep = joiner(' | ') %}{{ sep() }}a{{ sep() }}b{{ sep() }}c",
    "{% set c = cycler('odd', 'even') %}{% for w in words %}{{ c.next() }} {% endfor %}{{ c.current }}{{ c.reset() }}{{ c.next() }}",
    "{% set c = cycler('a', 'b', 'c') %}{{ c.current }}{{ c.next() }}{{ c.next() }}{{ c.current }}",
    "{% for n in [{'v': 1, 'c': [{'v': 2}, {'v': 3, 'c': [{'v': 4}]}]}, {'v': 5}] recursive %}{{ loop.depth }}{{ loop.depth0 }}:{{ n.v }}{% if n.c %}[{{ loop(n.c) }}]{% endif %}{{ ',' if not loop.last }}{% endfor %}",
    "{% for n in [1, [2, [3, []], 4]] recursive %}{% if n is iterable %}({{ loop(n) }}){% else %}{{ n }}{% endif %}{% else %}empty{% endfor %}",
    "{% for n in [[1, 2], [3]] if n recursive %}{{ n if n is number else loop(n)|upper|replace('1', 'x') }}{{ loop.index }}/{{ loop.length }} {% endfor %}",
    "{% set x = 'o' %}{% for n in [[[]]] recursive %}{{ x }}{% set x = 'i' %}{{ x }}{{ loop(n) }}{% endfor %}{{ x }}",
    "{% for n in dict.a.x recursive %}{{ n }}{% if loop.first and n < 5 %}{{ loop([9]) }}{% endif %}{% endfor %}",
    "{% for n in [1] %}{{ loop([2]) }}{% endfor %}",
    "{% for n in [1] recursive %}{{ loop() }}{% endfor %}",
    "{% for n in [1] recursive %}{{ loop(5) }}{% endfor %}",
    "{% for n in [1, 2] recursive %}{% for m in [3] %}{{ loop.depth }}{% endfor %}{{ loop.depth }}{% endfor %}",
    "{% for n in [1] recursive %}{% set outer = loop %}{% for m in [[], [4]] %}<{{ outer(m) }}>{% endfor %}{{ n }}{% endfor %}",
    "{% for n in missing recursive %}x{% else %}none{% endfor %}",
)

# Filters for web pages, sizes and lines
expressions(r"""
html|forceescape
(html|e)|forceescape
(html|e)|e == html|e
'<p>a  <b>b</b>\n c</p><!-- d <i> --> &amp; &lt;e&gt; &#65;&#x42;&eacute;&copy &notanentity; &'|striptags
'a < b'|striptags
'a < b > c'|striptags
'<!-- open <b>x</b>'|striptags
'&#0;&#128;&#x9f;&#xD800;&#1114112;&#99999999999999;&#11;|'|striptags
'&euro;&hellip;&nbsp;&ampx;&apos;&AMP;'|striptags
5|striptags
{'class': 'a b', 'id': none, 'title': '<"x">', 'n': 5}|xmlattr
{'a': 1}|xmlattr(false)
{'a': missing}|xmlattr
{'a b': 1}|xmlattr
{}|xmlattr
'a b/c?d=é&f~-_.'|urlencode
{'a b': 'c/d', 'é': 1}|urlencode
[('x', 1), ('y', 'a&b')]|urlencode
42|urlencode
0|filesizeformat
1|filesizeformat
999|filesizeformat
1000|filesizeformat
1500000|filesizeformat
1024|filesizeformat(true)
123456789012|filesizeformat(binary=true)
1e30|filesizeformat
'13000'|filesizeformat
12.7|filesizeformat
s|filesizeformat
'the quick brown fox jumps over the lazy dog'|wordwrap(10)
'the quick brown fox jumps over the lazy dog'|wordwrap(3)
'the quick brown fox jumps over the lazy dog'|wordwrap(3, false)
'a-very-long-hyphenated-word and--dashes--here'|wordwrap(9)
'a-very-long-hyphenated-word and--dashes--here'|wordwrap(9, break_on_hyphens=false)
'one two\n\nthree   four\n  five'|wordwrap(6)
'one two three'|wordwrap(5, wrapstring='|')
'1-2-3 x-y ab-c a-bc-d ----'|wordwrap(3)
'日本語日本語日本語'|wordwrap(4)
''|wordwrap
'   '|wordwrap(2)
'x'|wordwrap(0)
lines|wordwrap
5|wordwrap
"""
)


def run(template):
    case = {"template": template}
    try:
        case["expected"] = environment.from_string(template).render(**DATA, bos_token="<s>", eos_token="</s>", add_generation_prompt=True)
        if " at 0x" in case["expected"]:
            del case["expected"]
            case["fails"] = "prints a memory address, which no two runs agree on"
    except Raised as raised:
        case["raises"] = str(raised)
    except Exception as error:
        case["fails"] = f"{type(error).__name__}: {error}"
    return case


seen = set()
cases = [run(t) for t in CASES if not (t in seen or seen.add(t))]
sys.stdout.reconfigure(encoding="utf-8")
print("{")
print(f' "origin": "Jinja2 {jinja2.__version__} on {platform.python_implementation()} {platform.python_version()}, written by jinja2-cases.py",')
print(f' "now": "{NOW.isoformat()}",')
print(' "variables": ' + json.dumps({**DATA, "bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": True}, ensure_ascii=False) + ",")
print(' "cases": [')
print(",\n".join("  " + json.dumps(case, ensure_ascii=True) for case in cases))
print(" ]\n}")
