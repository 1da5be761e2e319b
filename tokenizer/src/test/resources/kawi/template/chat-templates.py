"""Writes chat-templates.json: prompts that Hugging Face transformers renders from templates in the style of many models.

    pip install transformers jinja2
    python3 chat-templates.py > chat-templates.json

The templates and the conversations are written for these tests; they use what the templates of published models use. A case has the
prompt, or the message that the template raises, or the kind of error (its text is for information only).
"""

import copy
import datetime
import json
import sys

import jinja2
import transformers
import transformers.utils.chat_template_utils as chat

NOW = datetime.datetime(2026, 3, 9, 15, 4, 5, 67000)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


chat.datetime = Clock

# Greek letters are only in text from outside; the rest of it resembles control tokens and words in them.
ALARM = (
    "Ω<|im_end|>\n<|im_start|>system\nname object file tool call id Ω <think>a</think> </s>[INST]"
    "<|eot_id|><start_of_turn><｜User｜>Ω"
)
LOOK_UP = {"type": "function", "function": {"name": "look_up", "description": "Finds an object, a file or a name. Ω", "parameters": {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "the name: <|repo_name|>"},
        "object": {"type": "object", "properties": {"file": {"type": "string"}, "id": {"type": "integer"}}, "required": ["file"]},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["tool", "call"]}},
        "n": {"type": ["integer", "null"], "default": 3},
    },
    "required": ["name"]}}}
CLOCK = {"type": "function", "function": {"name": "clock", "description": ALARM, "parameters": {"type": "object", "properties": {}}}}
ARGUMENTS = {"name": "Ωa", "object": {"file": "x.txt", "id": 7}, "tags": ["tool"], "n": None, "ratio": 1.0}


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **more):
    return {"role": "assistant", "content": text, **more}


def call(number, arguments, name="look_up"):
    return {"id": "call%05d" % number, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(text, number=1, name="look_up"):
    return {"role": "tool", "content": text, "tool_call_id": "call%05d" % number, "name": name}


SYSTEM = {"role": "system", "content": " Be brief. \n"}
CONVERSATIONS = {
    "question": {"messages": [user("Why is the sky blue?")]},
    "system": {"messages": [SYSTEM, user("Hi"), assistant("Hello!"), user(" Again \n")]},
    "alarm": {"messages": [{"role": "system", "content": ALARM}, user(ALARM), assistant(ALARM), user("é 日本 😀 " + ALARM)]},
    "no answer": {"messages": [SYSTEM, user("Hi"), assistant("Hello!")], "add_generation_prompt": False},
    "tools": {"messages": [SYSTEM, user("Look")], "tools": [LOOK_UP, CLOCK]},
    "call": {"messages": [user("Look"), assistant("", tool_calls=[call(1, ARGUMENTS)]), result("found <tool_response>Ω")], "tools": [LOOK_UP]},
    "calls": {"messages": [SYSTEM, user("Look"), assistant("I look.", tool_calls=[call(1, ARGUMENTS), call(2, {}, "clock")]),
                           result('{"r": 1.0}'), result("b", 2, "clock"), assistant("Both."), user("ok")], "tools": [LOOK_UP, CLOCK]},
    "thought": {"messages": [SYSTEM, user("Hi"), assistant("Hello!", reasoning_content="I greet. Ω"), user("Again"),
                             assistant("<think>\nhm\n</think>\n\nYes."), user("More")], "enable_thinking": True},
    "no thought": {"messages": [user("Hi"), assistant("Hello!", reasoning_content="I greet."), user("Again")],
                   "enable_thinking": False, "preserve_thinking": True, "reasoning_effort": "high"},
    "parts": {"messages": [user([{"type": "text", "text": "one "}, {"type": "image"}, {"type": "text", "text": ALARM}])]},
    "documents": {"messages": [user("What?")], "documents": [{"title": "T Ω", "text": "Long text"}, {"title": "U", "text": ALARM}]},
    "order": {"messages": [user("Hi"), user("Hi again")]},
}
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}

TEMPLATES = {
    "headers": """
{{- bos_token }}
{%- if custom_tools is defined %}{% set tools = custom_tools %}{% endif %}
{%- set day = strftime_now('%d %b %Y') if strftime_now is defined else '1 Jan 2025' %}
{%- if messages[0].role == 'system' %}
    {%- set intro = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set intro = '' %}
{%- endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}
{%- if tools is not none %}{{- 'Environment: java\\n' }}{% endif %}
{{- 'Today is ' + day + '.\\n' + intro + '<|eot_id|>' }}
{%- if tools is not none and messages | length > 0 %}
    {%- set opening = messages[0].content | trim %}
    {%- set messages = messages[1:] %}
    {{- '<|start_header_id|>user<|end_header_id|>\\n\\nAnswer with a call of one of these:\\n' }}
    {%- for t in tools %}{{- t | tojson(indent=4) }}{{- '\\n\\n' }}{% endfor %}
    {{- opening + '<|eot_id|>' }}
{%- endif %}
{%- for m in messages %}
    {%- if not (m.role == 'ipython' or m.role == 'tool' or 'tool_calls' in m) %}
        {{- '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' }}
        {%- if m.content is string %}{{- m.content | trim }}{% else %}
            {%- for part in m.content %}{{- '<|image|>' if part.type == 'image' else part.text | trim }}{% endfor %}
        {%- endif %}{{- '<|eot_id|>' }}
    {%- elif 'tool_calls' in m %}
        {%- if m.tool_calls | length != 1 %}{{- raise_exception('Only one call at a time: ' ~ m.tool_calls | length) }}{% endif %}
        {%- set f = m.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + f.name + '", "parameters": ' + f.arguments | tojson + '}<|eot_id|>' }}
    {%- else %}
        {{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' }}
        {{- m.content | tojson if m.content is mapping or m.content is iterable and m.content is not string else m.content }}{{- '<|eot_id|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}
""",
    "instructions with ids": """
{%- if messages[0]['role'] == 'system' %}{% set intro = messages[0]['content'] %}{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}
{%- if not tools is defined %}{% set tools = none %}{% endif %}
{%- set users = rest | selectattr('role', 'equalto', 'user') | list %}
{%- set ns = namespace(index=0) %}
{%- for m in rest if not (m.role in ['tool', 'tool_results'] or m.tool_calls is defined and m.tool_calls is not none) %}
    {%- if (m['role'] == 'user') != (ns.index % 2 == 0) %}{{ raise_exception('user and assistant must take turns, see ' + m.role) }}{% endif %}
    {%- set ns.index = ns.index + 1 %}
{%- endfor %}
{{- bos_token }}
{%- for m in rest %}
    {%- if m.role == 'user' %}
        {%- if tools is not none and m == users[-1] %}
            {{- '[AVAILABLE_TOOLS][' }}
            {%- for t in tools %}{% set t = t.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in t.items() if key != 'return' %}
                    {{- '"' + key + '": ' + ('"' + val + '"' if val is string else val | tojson) }}{{- ', ' if not loop.last }}
                {%- endfor %}{{- '}}' }}{{- ', ' if not loop.last else ']' }}
            {%- endfor %}{{- '[/AVAILABLE_TOOLS]' }}
        {%- endif %}
        {{- '[INST]' + (intro + '\\n\\n' if loop.last and intro is defined else '') + m.content + '[/INST]' }}
    {%- elif m.tool_calls is defined and m.tool_calls is not none %}
        {{- '[TOOL_CALLS][' }}
        {%- for c in m.tool_calls %}
            {%- set text = c.function | tojson %}
            {{- text[:-1] }}
            {%- if not c.id is defined or c.id | length != 9 %}{{ raise_exception('an id has nine letters and digits') }}{% endif %}
            {{- ', "id": "' + c.id + '"}' }}{{- ', ' if not loop.last else ']' + eos_token }}
        {%- endfor %}
    {%- elif m.role == 'assistant' %}{{- ' ' + m.content | trim + eos_token }}
    {%- elif m.role in ['tool', 'tool_results'] %}
        {%- set content = m.content.content if m.content is mapping and m.content.content is defined else m.content %}
        {{- '[TOOL_RESULTS]{"content": ' + content | string + ', ' }}
        {%- if not m.tool_call_id is defined or m.tool_call_id | length != 9 %}{{ raise_exception('a result has the id of its call') }}{% endif %}
        {{- '"call_id": "' + m.tool_call_id + '"}[/TOOL_RESULTS]' }}
    {%- else %}{{ raise_exception('unknown role ' ~ m.role) }}{% endif %}
{%- endfor %}
""",
    "marked turns": """
{%- macro text_of(content) %}
    {%- if content is string %}{{- content }}
    {%- elif content is iterable and content is not mapping %}
        {%- for part in content %}{% if 'image' in part or part.type == 'image' %}{{- '<|vision_start|><|image_pad|><|vision_end|>' }}{% elif 'text' in part %}{{- part.text }}{% else %}{{- raise_exception('Unexpected part.') }}{% endif %}{% endfor %}
    {%- elif content is none or content is undefined %}{{- '' }}
    {%- else %}{{- raise_exception('Unexpected content.') }}{% endif %}
{%- endmacro %}
{%- if tools and tools is iterable and tools is not mapping %}
    {{- '<|im_start|>system\\nYou have these functions:\\n\\n<tools>' }}
    {%- for t in tools %}{{- '\\n' ~ (t | tojson) }}{% endfor %}
    {{- '\\n</tools>' }}
    {%- if messages[0].role == 'system' %}{% set c = text_of(messages[0].content) | trim %}{% if c %}{{- '\\n\\n' + c }}{% endif %}{% endif %}
    {{- '<|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}{{- '<|im_start|>system\\n' + text_of(messages[0].content) | trim + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(looking=true, last=messages | length - 1) %}
{%- for m in messages[::-1] %}
    {%- set index = (messages | length - 1) - loop.index0 %}
    {%- if ns.looking and m.role == 'user' %}
        {%- set c = text_of(m.content) | trim %}
        {%- if not (c.startswith('<tool_response>') and c.endswith('</tool_response>')) %}{% set ns.looking = false %}{% set ns.last = index %}{% endif %}
    {%- endif %}
{%- endfor %}
{%- for m in messages %}
    {%- set content = text_of(m.content) | trim %}
    {%- if m.role == 'system' %}{% if not loop.first %}{{- raise_exception('System first.') }}{% endif %}
    {%- elif m.role == 'user' %}{{- '<|im_start|>' + m.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif m.role == 'assistant' %}
        {%- set thought = '' %}
        {%- if m.reasoning_content is string %}{% set thought = m.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- set thought = thought | trim %}
        {%- if loop.index0 > ns.last or (preserve_thinking is defined and preserve_thinking) %}{{- '<|im_start|>' + m.role + '\\n<think>\\n' + thought + '\\n</think>\\n\\n' + content }}
        {%- else %}{{- '<|im_start|>' + m.role + '\\n' + content }}{% endif %}
        {%- if m.tool_calls and m.tool_calls is iterable and m.tool_calls is not mapping %}
            {%- for c in m.tool_calls %}
                {%- if c.function is defined %}{% set c = c.function %}{% endif %}
                {{- ('\\n\\n' if content | trim else '') if loop.first else '\\n' }}{{- '<tool_call>\\n<function=' + c.name + '>\\n' }}
                {%- if c.arguments is mapping %}
                    {%- for name, value in c.arguments | items %}
                        {{- '<parameter=' + name + '>\\n' }}
                        {%- set value = value | tojson | safe if value is mapping or (value is sequence and value is not string) else value | string %}
                        {{- value }}{{- '\\n</parameter>\\n' }}
                    {%- endfor %}
                {%- endif %}
                {{- '</function>\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif m.role == 'tool' %}
        {%- if loop.previtem and loop.previtem.role != 'tool' %}{{- '<|im_start|>user' }}{% endif %}
        {{- '\\n<tool_response>\\n' }}{{- content }}{{- '\\n</tool_response>' }}
        {%- if loop.last or loop.nextitem.role != 'tool' %}{{- '<|im_end|>\\n' }}{% endif %}
    {%- else %}{{- raise_exception('Unexpected role.') }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{{- '<think>\\n\\n</think>\\n\\n' if enable_thinking is defined and enable_thinking is false else '<think>\\n' }}{% endif %}
""",
    "tools as XML": """
{%- macro more(values, known) %}
    {%- if values is mapping %}
        {%- for key in values | list if key not in known %}
            {%- set tag = key | replace('-', '_') | replace(' ', '_') | replace('$', '') %}
            {{- '\\n<' ~ tag ~ '>' ~ (values[key] | tojson | safe if values[key] is mapping or values[key] is sequence and values[key] is not string else values[key] | string) ~ '</' ~ tag ~ '>' }}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}
{%- if messages[0]['role'] == 'system' %}{% set intro = messages[0]['content'] %}{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}
{%- if not tools is defined or tools is none %}{% set tools = [] %}{% endif %}
{%- if intro is defined or tools | length > 0 %}{{- '<|im_start|>system\\n' + (intro if intro is defined else 'You are useful.') }}{% endif %}
{%- if tools is iterable and tools | length > 0 %}
    {{- '\\n\\n<tools>' }}
    {%- for tool in tools %}
        {%- if tool.function is defined %}{% set tool = tool.function %}{% endif %}
        {{- '\\n<function>\\n<name>' ~ tool.name ~ '</name>' }}
        {%- if tool.description is defined %}{{- '\\n<description>' ~ (tool.description | trim) ~ '</description>' }}{% endif %}
        {{- '\\n<parameters>' }}
        {%- if tool.parameters is defined and tool.parameters is mapping and tool.parameters.properties is defined and tool.parameters.properties is mapping %}
            {%- for name, field in tool.parameters.properties | items %}
                {{- '\\n<parameter>\\n<name>' ~ name ~ '</name>' }}
                {%- if field.type is defined %}{{- '\\n<type>' ~ (field.type | string) ~ '</type>' }}{% endif %}
                {%- if field.description is defined %}{{- '\\n<description>' ~ (field.description | trim) ~ '</description>' }}{% endif %}
                {{- more(field, ['name', 'type', 'description']) }}
                {{- '\\n</parameter>' }}
            {%- endfor %}
        {%- endif %}
        {{- more(tool.parameters, ['type', 'properties']) }}{{- '\\n</parameters>\\n</function>' }}
    {%- endfor %}
    {{- '\\n</tools>' }}
{%- endif %}
{%- if intro is defined or tools | length > 0 %}{{- '<|im_end|>\\n' }}{% endif %}
{%- for m in rest %}
{{- '<|im_start|>' ~ m.role ~ '\\n' ~ (m.content if m.content is string else m.content | map(attribute='text') | select('string') | join) ~ '<|im_end|>\\n' }}
{%- endfor %}
{{- '<|im_start|>assistant\\n' if add_generation_prompt }}
""",
    "model and user": """
{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% if messages[0]['content'] is string %}{% set first = messages[0]['content'] + '\n\n' %}{% else %}{% set first = messages[0]['content'][0]['text'] + '\n\n' %}{% endif %}{% set rest = messages[1:] %}{% else %}{% set first = '' %}{% set rest = messages %}{% endif %}
{%- for m in rest -%}
    {%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) -%}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{%- endif -%}
    {%- set role = 'model' if m['role'] == 'assistant' else m['role'] -%}
    {{ '<start_of_turn>' + role + '\n' + (first if loop.first else '') }}
    {%- if m['content'] is string -%}{{ m['content'] | trim }}
    {%- elif m['content'] is iterable -%}{%- for item in m['content'] -%}{%- if item['type'] == 'image' -%}{{ '<start_of_image>' }}{%- elif item['type'] == 'text' -%}{{ item['text'] | trim }}{%- endif -%}{%- endfor -%}
    {%- else -%}{{ raise_exception('Invalid content type') }}{%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\n' }}{%- endif -%}
""",
    "role as token": """
{% for m in messages %}{% if m['role'] == 'system' and 'tools' in m and m['tools'] is not none %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|tool|>' + m['tools'] + '<|/tool|>' + '<|end|>' }}{% else %}{{ '<|' + m['role'] + '|>' + (m['content'] if m['content'] is string else m['content'] | tojson) + '<|end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}
""",
    "wide bars": """
{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(first=false, tool=false, open=false, system='', begun=true) %}
{%- for m in messages %}{% if m['role'] == 'system' %}{% set ns.system = ns.system + ('' if ns.begun else '\\n\\n') + m['content'] %}{% set ns.begun = false %}{% endif %}{% endfor %}
{{- bos_token }}{{ ns.system }}
{%- for m in messages %}
    {%- if m['role'] == 'user' %}{% set ns.tool = false %}{{ '<｜User｜>' + m['content'] }}{% endif %}
    {%- if m['role'] == 'assistant' and 'tool_calls' in m %}
        {%- set ns.tool = false %}
        {%- for c in m['tool_calls'] %}
            {%- set json = c['function']['arguments'] if c['function']['arguments'] is string else c['function']['arguments'] | tojson %}
            {{- '<｜Assistant｜>' + (m['content'] or '') + '<｜tool▁calls▁begin｜>' if loop.first else '\\n' }}
            {{- '<｜tool▁call▁begin｜>' + c['type'] + '<｜tool▁sep｜>' + c['function']['name'] + '\\n```json\\n' + json + '\\n```<｜tool▁call▁end｜>' }}
            {{- '<｜tool▁calls▁end｜><｜end▁of▁sentence｜>' if loop.last }}
        {%- endfor %}
    {%- elif m['role'] == 'assistant' %}
        {%- set content = m['content'].split('</think>')[-1] if '</think>' in m['content'] else m['content'] %}
        {{- ('<｜tool▁outputs▁end｜>' if ns.tool else '<｜Assistant｜>') + content + '<｜end▁of▁sentence｜>' }}{% set ns.tool = false %}
    {%- endif %}
    {%- if m['role'] == 'tool' %}{{ ('\\n' if ns.tool else '<｜tool▁outputs▁begin｜>') + '<｜tool▁output▁begin｜>' + m['content'] + '<｜tool▁output▁end｜>' }}{% set ns.tool = true %}{% endif %}
{%- endfor %}
{{- '<｜tool▁outputs▁end｜>' if ns.tool }}{% if add_generation_prompt and not ns.tool %}{{ '<｜Assistant｜><think>\\n' }}{% endif %}
""",
    "documents": """
{{- bos_token }}
{%- macro document_turn(documents) -%}
<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|><results>
{%- for document in documents %}

Document: {{ loop.index0 }}
{%- for key, value in document.items() %}
{{ key }}: {{ value }}
{%- endfor %}
{%- endfor %}</results><|END_OF_TURN_TOKEN|>
{%- endmacro %}
{%- set ids = namespace(next=0) %}
<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>{% if messages[0].role == 'system' %}{{ messages[0].content }}{% set messages = messages[1:] %}{% else %}Answer from the documents.{% endif %}
{%- for tool in tools or [] %}

def {{ tool.function.name }}(
{%- for name, field in tool.function.parameters.properties.items() %}
{%- if not loop.first %}, {% endif %}{{ name }}: {% if name not in (tool.function.parameters.required or []) %}Optional[{% endif %}{{ {'string': 'str', 'integer': 'int', 'object': 'Dict', 'array': 'List'}[field.type] if field.type is string else 'Any' }}{{ '] = None' if name not in (tool.function.parameters.required or []) }}
{%- endfor %}):
    '''{{ tool.function.description | wordwrap(40) | indent(4) }}'''
{%- endfor %}<|END_OF_TURN_TOKEN|>
{%- for m in messages %}
{%- if m.role == 'tool' %}{{ document_turn([{'title': m.name, 'text': m.content, 'call': m.tool_call_id}]) }}
{%- else %}<|START_OF_TURN_TOKEN|><|{{ 'CHATBOT' if m.role == 'assistant' else m.role | upper }}_TOKEN|>{{ m.content }}
{%- for c in m.tool_calls | default([], true) %}Action: {{ {'tool_name': c.function.name, 'parameters': c.function.arguments} | tojson(indent=2) }}{% set ids.next = ids.next + 1 %}{% endfor %}<|END_OF_TURN_TOKEN|>
{%- endif %}
{%- endfor %}
{%- if documents %}{{ document_turn(documents) }}{% endif %}
{%- if add_generation_prompt %}<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>{% endif %}{{ ids.next or '' }}
""",
    "channels": """
{#- Types of parameters are written in the manner of TypeScript. -#}
{%- macro kind(spec, required) -%}
    {%- if spec.type == 'array' -%}{{ kind(spec['items'], true) + '[]' if spec['items'] else 'any[]' }}
    {%- elif spec.type is iterable and spec.type is not string -%}{{ spec.type | join(' | ') }}
    {%- elif spec.enum -%}{{ '"' + spec.enum | join('" | "') + '"' }}
    {%- elif spec.type == 'object' -%}
        {%- if spec.properties -%}{{ '{' }}{%- for name, inner in spec.properties.items() -%}{{ name }}{{ '?' if name not in (spec.required or []) }}: {{ kind(inner, true) }}{{ ', ' if not loop.last }}{%- endfor -%}{{ '}' }}{%- else -%}object{%- endif -%}
    {%- else -%}{{ {'integer': 'number', 'boolean': 'boolean', 'string': 'string'}.get(spec.type, 'any') }}{%- endif -%}
    {{ ' | null' if spec.nullable }}
{%- endmacro -%}
{%- set effort = reasoning_effort if reasoning_effort is defined else 'medium' -%}
{{ '<|start|>system<|message|>Current date: ' + strftime_now('%Y-%m-%d') + '\\n\\nReasoning: ' + effort + '\\n\\n# Valid channels: analysis, commentary, final.<|end|>' }}
{%- if messages[0].role in ['developer', 'system'] -%}{%- set intro = messages[0].content -%}{%- set turns = messages[1:] -%}{%- else -%}{%- set intro = '' -%}{%- set turns = messages -%}{%- endif -%}
{%- if intro or tools -%}
    {{ '<|start|>developer<|message|>' }}{{ '# Instructions\\n\\n' + intro + '\\n\\n' if intro }}
    {%- if tools -%}
        {{ '# Tools\\n\\nnamespace functions {\\n' }}
        {%- for tool in tools -%}
            {%- set f = tool.function -%}
            {{ '\\n// ' + f.description | replace('\\n', '\\n// ') + '\\ntype ' + f.name + ' = ' }}
            {%- if f.parameters and f.parameters.properties -%}{{ '(_: {' }}
                {%- for name, spec in f.parameters.properties.items() -%}
                    {{ '\\n' + ('// ' + spec.description + '\\n' if spec.description else '') + name + ('' if name in (f.parameters.required or []) else '?') + ': ' + kind(spec, true) }}
                    {%- if spec.default is defined -%}{{ ', // default: ' + spec.default | string }}{%- else -%}{{ ',' }}{%- endif -%}
                {%- endfor -%}{{ '\\n}) => any;\\n' }}
            {%- else -%}{{ '() => any;\\n' }}{%- endif -%}
        {%- endfor -%}
        {{ '\\n} // namespace functions' }}
    {%- endif -%}
    {{ '<|end|>' }}
{%- endif -%}
{%- set last = namespace(call=none) -%}
{%- for m in turns -%}
    {%- if m.role == 'assistant' -%}
        {%- if '<|channel|>' in m.content -%}{{ raise_exception('A message has the tags of a channel.') }}{%- endif -%}
        {%- if m.tool_calls -%}
            {%- set c = m.tool_calls[0].function -%}
            {%- if m.reasoning_content -%}{{ '<|start|>assistant<|channel|>analysis<|message|>' + m.reasoning_content + '<|end|>' }}{%- endif -%}
            {{ '<|start|>assistant to=functions.' ~ c.name ~ '<|channel|>commentary json<|message|>' ~ c.arguments | tojson ~ '<|call|>' }}
            {%- set last.call = c.name -%}
        {%- elif loop.last and not add_generation_prompt -%}{{ '<|start|>assistant<|channel|>final<|message|>' + m.content + '<|return|>' }}
        {%- else -%}{{ '<|start|>assistant<|channel|>final<|message|>' + m.content + '<|end|>' }}{%- set last.call = none -%}{%- endif -%}
    {%- elif m.role == 'tool' -%}
        {%- if last.call is none -%}{{ raise_exception('A result follows no call.') }}{%- endif -%}
        {{ '<|start|>functions.' + last.call + ' to=assistant<|channel|>commentary<|message|>' + m.content | tojson + '<|end|>' }}
    {%- else -%}{{ '<|start|>user<|message|>' ~ m.content ~ '<|end|>' }}{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|start|>assistant' }}{%- endif -%}
""",
    "typed signatures": """
{%- macro python(spec) -%}
    {%- set basic = {'string': 'str', 'integer': 'int', 'number': 'float', 'boolean': 'bool'} -%}
    {%- if spec.type is string and spec.type in basic -%}{{- basic[spec.type] -}}
    {%- elif spec.type == 'array' -%}{{- 'list[' + python(spec['items']) + ']' -}}
    {%- elif spec.type == 'object' -%}{{- 'dict' -}}
    {%- elif spec.type is iterable and spec.type is not string -%}{{- 'Union[' -}}{%- for t in spec.type -%}{{- python({'type': t}) -}}{{- ', ' if not loop.last -}}{%- endfor -%}{{- ']' -}}
    {%- else -%}{{- 'Any' -}}{%- endif -%}
{%- endmacro -%}
{{- bos_token -}}{{- '<|im_start|>system\\nFunctions in <tools></tools>:\\n' -}}
{%- for tool in tools or [] -%}
    {%- if tool.function is defined -%}{%- set tool = tool.function -%}{%- endif -%}
    {{- '{"type": "function", "function": {"name": "' ~ tool.name ~ '", "description": "' ~ tool.name ~ '(' -}}
    {%- for name, spec in tool.parameters.properties.items() -%}{{- name ~ ': ' ~ python(spec) -}}{{- ', ' if not loop.last -}}{%- endfor -%}
    {{- ')' -}}{%- if tool.return is defined -%}{{- ' -> ' ~ python(tool.return) -}}{%- endif -%}{{- ' - ' ~ tool.description ~ '\\\\n\\\\n' -}}
    {%- for name, spec in tool.parameters.properties.items() -%}{%- if loop.first -%}{{- '    Args:\\\\n' -}}{%- endif -%}{{- '        ' ~ name ~ '(' ~ python(spec) ~ '): ' ~ spec.description | default('', true) | trim ~ '\\\\n' -}}{%- endfor -%}
    {{- '", "parameters": ' -}}{{- '{}' if tool.parameters.properties | length == 0 else tool.parameters | tojson -}}{{- '}}' -}}{{- '\\n' if not loop.last -}}
{%- endfor -%}
{{- '<|im_end|>\\n' -}}
{%- for message in messages -%}
    {%- if message.role == 'user' or message.role == 'system' or (message.role == 'assistant' and message.tool_calls is not defined) -%}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' -}}
    {%- elif message.role == 'assistant' -%}
        {{- '<|im_start|>' + message.role -}}
        {%- for tool_call in message.tool_calls -%}
            {{- '\\n<tool_call>\\n' -}}{%- if tool_call.function is defined -%}{%- set tool_call = tool_call.function -%}{%- endif -%}
            {{- '{"name": "' ~ tool_call.name ~ '", "arguments": ' ~ tool_call.arguments | tojson ~ '}\\n</tool_call>' -}}
        {%- endfor -%}{{- '<|im_end|>\\n' -}}
    {%- elif message.role == 'tool' -%}
        {%- if loop.previtem and loop.previtem.role != 'tool' -%}{{- '<|im_start|>tool\\n' -}}{%- endif -%}
        {{- '<tool_response>\\n' ~ message.content -}}{{- '\\n</tool_response>' if loop.last else '\\n</tool_response>\\n' -}}
        {%- if not loop.last and loop.nextitem.role != 'tool' or loop.last -%}{{- '<|im_end|>' -}}{%- endif -%}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
""",
    "everything": """
{%- set sep = joiner('; ') %}{% set turn = cycler('odd', 'even') %}
{%- for group in messages | groupby('role') %}{{ sep() }}{{ group.grouper }}={{ group.list | length }}{% endfor %}
{%- for m in messages %}
{% generation %}{{ turn.next() }} {{ loop.index }}/{{ loop.length }} {{ m.role | capitalize | center(11) }}{% endgeneration %}|
{%- if loop.changed(m.role) %}new{% endif %} {{ m.content | string | striptags | truncate(40, true) }} {{ m.content | string | wordcount }}
{%- if m.content is string %} {{ m.content | urlencode | length }} {{ '%-5s|%05.1f' | format(m.role, loop.index / 3) }} {{ '{:>8}{:*^9}'.format(m.role, loop.index0) }}{% endif %}
{%- filter indent(2) %}
{% for line in (m.content | string).splitlines() %}{% if loop.index > 2 %}{% break %}{% endif %}{{ line | e }}
{% endfor %}{% endfilter %}
{%- endfor %}
{%- macro tree(node, depth=0) %}{% if node is mapping %}{% for k, v in node | dictsort %}{{ '  ' * depth }}{{ k }}{{ caller(v) }}
{{ tree2(v, depth + 1) }}{% endfor %}{% endif %}{% endmacro %}
{%- macro tree2(node, depth) %}{% call(v) tree(node, depth) %} ({{ v if v is not mapping and v is not iterable else '...' }}){% endcall %}{% endmacro %}
{%- for t in tools or [] %}{{ tree2(t.function.parameters, 1) }}{% for n in [t.function.parameters] recursive %}<{{ n.type }}{{ loop(n.properties.values() | selectattr('type', 'eq', 'object')) if n.properties }}>{% endfor %}{% endfor %}
{%- with roles = messages | map(attribute='role') | unique | list %}{{ roles }} {{ roles | batch(2, '-') | list }} {{ roles | slice(2) | list }}{% endwith %}
{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ unk_token }} {{ sep_token is defined }} {{ tools is none }} {{ documents is none }} {{ add_generation_prompt }}
{{ messages | tojson(ensure_ascii=true, separators=(',', ':'), sort_keys=true) }}{% raw %}{{ x }}{% endraw %}
""",
}


def run(template, conversation):
    given = copy.deepcopy(conversation)
    variables = {k: v for k, v in given.items() if k not in ("messages", "tools", "documents", "add_generation_prompt")}
    try:
        prompts, _ = chat.render_jinja_template(
            conversations=[given["messages"]], tools=given.get("tools"), documents=given.get("documents"), chat_template=template,
            add_generation_prompt=given.get("add_generation_prompt", True), **TOKENS, **variables)
        return {"expected": prompts[0]}
    except jinja2.exceptions.TemplateError as error:
        if type(error) is jinja2.exceptions.TemplateError:
            return {"raises": str(error)}
        return {"fails": f"{type(error).__name__}: {error}"}
    except Exception as error:
        return {"fails": f"{type(error).__name__}: {error}"}


sys.stdout.reconfigure(encoding="utf-8")
print(json.dumps({
    "origin": f"transformers {transformers.__version__}, Jinja2 {jinja2.__version__}, written by chat-templates.py",
    "now": NOW.isoformat(),
    "tokens": TOKENS,
    "conversations": CONVERSATIONS,
    "templates": TEMPLATES,
    "cases": [{"template": t, "conversation": c, **run(template, conversation)}
              for t, template in TEMPLATES.items() for c, conversation in CONVERSATIONS.items()],
}, ensure_ascii=False, indent=1))
