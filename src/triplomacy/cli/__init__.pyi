from .main import main as main, parser as parser, run as run
