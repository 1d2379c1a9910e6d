"""One module a revision, `0001_name`, each from its predecessor; they import SQLAlchemy and Alembic alone."""
