from .commands import COMMANDS as COMMANDS, main as main, parser as parser, run as run
