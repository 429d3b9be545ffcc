from .main import main as main, parser as parser, process as process
